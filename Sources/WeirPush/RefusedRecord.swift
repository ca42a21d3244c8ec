/// A record of a pushed frame that was refused.
package struct RefusedRecord: Sendable {
  /// How many of one frame are kept for operators.
  package static let keptMax = 16

  /// The value of the `reason` label under which it is counted.
  package let reason: StaticString
  /// The index of the string that names its metric; nil where unknown.
  package let name: UInt32?
}

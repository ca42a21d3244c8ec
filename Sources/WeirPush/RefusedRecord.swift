/// A record of a pushed frame that was refused.
package struct RefusedRecord: Sendable {
  /// How many of one frame are kept for an operator to look at.
  package static let keptMax = 16

  /// The word of the `reason` label under which it is counted.
  package let reason: StaticString
  /// The index of the string that names its metric; nil where it is not known.
  package let name: UInt32?
}

/// The number of a `SeriesClass` among those that an `Aggregator` knows: small, so that a lease has room
/// for it.
///
/// A number is given again once no series of its class is left.
package struct ClassID: Sendable, BitwiseCopyable, Hashable {
  /// Classes that there may be at once. Configurations have a few; clients with bounds of their own add
  /// one for each list of bounds.
  package static let countMax = 1_000

  /// The bits that tell all of them apart.
  static let bits: UInt64 = 10

  private let number: UInt16

  /// - Precondition: less than `countMax`.
  init(_ index: Int) {
    precondition(index >= 0 && index < ClassID.countMax, "no such class")
    number = UInt16(index)
  }

  /// From 0 on.
  @inline(__always)
  var index: Int { Int(number) }
}

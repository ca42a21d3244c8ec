/// The number of a `SeriesClass` among those that an `Aggregator` knows. It is small, so that it
/// fits into a lease.
///
/// A number is reused when no series of its class is left.
package struct ClassID: Sendable, BitwiseCopyable, Hashable {
  /// The most classes at the same time. Configurations have a few; each list of bounds that a
  /// client chooses adds one.
  package static let countMax = 1_000

  /// The bits that can hold every number.
  static let bits: UInt64 = 10

  private let number: UInt16

  /// - Precondition: less than `countMax`.
  init(_ index: Int) {
    precondition(index >= 0 && index < ClassID.countMax, "no such class")
    number = UInt16(index)
  }

  /// The number, from 0 on.
  @inline(__always)
  var index: Int { Int(number) }
}

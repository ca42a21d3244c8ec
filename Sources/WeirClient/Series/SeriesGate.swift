import Synchronization

/// What a record has to pass before it goes into a series' cell.
///
/// It is the check that a value is one that can be recorded, with a limit that is read from memory:
/// infinity while the client sends, and 0 once it is closed. So what is recorded after the end costs
/// nothing to find out before it.
struct SeriesGate: ~Copyable, Sendable {
  private let limit = Atomic<UInt64>(Double.infinity.bitPattern)
  private let removed: Atomic<Bool>
  /// Of a cell that stands for all series that found no place.
  let isSurplus: Bool

  init(isSurplus: Bool) {
    self.isSurplus = isSurplus
    removed = Atomic(isSurplus)
  }

  /// Whether to record an amount: not negative, finite, and the client not closed.
  @inline(__always)
  func admits(_ amount: Double) -> Bool {
    amount >= 0 && amount < Double(bitPattern: limit.load(ordering: .relaxed))
  }

  /// Whether to record a value, which may be negative.
  @inline(__always)
  func admits(signed value: Double) -> Bool {
    abs(value) < Double(bitPattern: limit.load(ordering: .relaxed))
  }

  /// Lets nothing in any more.
  func close() { limit.store(0, ordering: .relaxed) }

  /// Whether the application has no more use for the series. Changed under the registry's lock.
  var isRemoved: Bool { removed.load(ordering: .relaxed) }

  func setRemoved(_ isRemoved: Bool) { removed.store(isRemoved, ordering: .relaxed) }
}

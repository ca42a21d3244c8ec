import Synchronization

/// The check of each value before it is recorded.
///
/// A value is compared with a limit in memory: infinity while the client is open, and 0 after it
/// was closed. So the check for a closed client costs nothing extra.
struct SeriesGate: ~Copyable, Sendable {
  private let limit = Atomic<UInt64>(Double.infinity.bitPattern)
  private let removed: Atomic<Bool>
  /// Whether the cell is shared by all series that exceed the limit.
  let isSurplus: Bool

  init(isSurplus: Bool) {
    self.isSurplus = isSurplus
    removed = Atomic(isSurplus)
  }

  /// Whether to record an amount: it is finite and not negative, and the client is open.
  @inline(__always)
  func accepts(_ amount: Double) -> Bool {
    amount >= 0 && amount < Double(bitPattern: limit.load(ordering: .relaxed))
  }

  /// Whether to record a value that may be negative: it is finite, and the client is open.
  @inline(__always)
  func accepts(signed value: Double) -> Bool {
    abs(value) < Double(bitPattern: limit.load(ordering: .relaxed))
  }

  /// Accepts no more values.
  func close() { limit.store(0, ordering: .relaxed) }

  /// Whether the application has removed the series. Changed under the registry's lock.
  var isRemoved: Bool { removed.load(ordering: .relaxed) }

  func setRemoved(_ isRemoved: Bool) { removed.store(isRemoved, ordering: .relaxed) }
}

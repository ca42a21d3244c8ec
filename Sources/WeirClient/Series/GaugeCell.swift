import Synchronization
import WeirMetrics

/// A gauge's value. It has no stripes, because the last value set is the right one.
///
/// A flag says whether it was set since the last flush, which tells setting an equal value from an
/// unchanged value. Setting the flag is a plain store; reading a clock would cost many times as
/// much.
final class GaugeCell: Sendable {
  let gate: SeriesGate
  let merge: GaugeMerge
  private let wasSet = Atomic<Bool>(false)
  private let bits = Atomic<UInt64>(GaugeCell.unset)

  /// NaN payloads to which a gauge cannot be set.
  private static let unset: UInt64 = 0x7ff8_0000_0000_0001
  private static let removed: UInt64 = 0x7ff8_0000_0000_0002

  init(merge: GaugeMerge, isSurplus: Bool = false) {
    self.merge = merge
    gate = SeriesGate(isSurplus: isSurplus)
  }

  /// Sets a value that the gate accepts. Wait-free.
  @inline(__always)
  func set(_ value: Double) {
    bits.store(value.bitPattern, ordering: .relaxed)
    // After the value, so that a flush that reads the flag reads the value too.
    wasSet.store(true, ordering: .releasing)
  }

  /// Stores a finite value that is read regularly. Does not count as setting unless the value
  /// changes.
  func update(_ value: Double) {
    bits.store(value.bitPattern, ordering: .relaxed)
  }

  /// Whether the gauge was set since the last call. Resets the flag.
  func takeWasSet() -> Bool {
    wasSet.load(ordering: .relaxed) && wasSet.exchange(false, ordering: .acquiring)
  }

  /// Adds a finite change to the value, or to 0 if there is none; false if the result is not
  /// finite. Lock-free.
  func add(_ change: Double) -> Bool {
    var known = bits.load(ordering: .relaxed)
    while true {
      let value = Double(bitPattern: known)
      let next = (value.isNaN ? 0 : value) + change
      guard next.isFinite else { return false }
      let (exchanged, original) = bits.compareExchange(
        expected: known, desired: next.bitPattern, ordering: .relaxed)
      if exchanged {
        wasSet.store(true, ordering: .releasing)
        return true
      }
      known = original
    }
  }

  /// Marks the value as removed if there is one.
  func remove() {
    var known = bits.load(ordering: .relaxed)
    while known != GaugeCell.unset {
      let (exchanged, original) = bits.compareExchange(
        expected: known, desired: GaugeCell.removed, ordering: .relaxed)
      if exchanged { return }
      known = original
    }
  }

  /// The value; NaN if it was removed, nil if it was never set.
  var value: Double? {
    let bits = bits.load(ordering: .relaxed)
    return bits == GaugeCell.unset ? nil : Double(bitPattern: bits)
  }

  /// Resets the gauge to never set. No other thread may record at the same time.
  func reset() {
    bits.store(GaugeCell.unset, ordering: .relaxed)
    wasSet.store(false, ordering: .relaxed)
  }
}

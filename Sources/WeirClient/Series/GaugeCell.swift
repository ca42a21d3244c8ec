import Synchronization
import WeirMetrics

/// A gauge's value. It has one place only, for the last to set it is right.
///
/// Beside it stands whether it was set since the last flush, which tells a setting to the same value from
/// a value that just holds. It is a plain store; reading a clock would cost many times as much.
final class GaugeCell: Sendable {
  let gate: SeriesGate
  let merge: GaugeMerge
  private let wasSet = Atomic<Bool>(false)
  private let bits = Atomic<UInt64>(GaugeCell.unset)

  /// Two of the many forms of NaN, which no gauge is set to.
  private static let unset: UInt64 = 0x7ff8_0000_0000_0001
  private static let removed: UInt64 = 0x7ff8_0000_0000_0002

  init(merge: GaugeMerge, isSurplus: Bool = false) {
    self.merge = merge
    gate = SeriesGate(isSurplus: isSurplus)
  }

  /// Sets a value that the gate admits. Wait-free.
  @inline(__always)
  func set(_ value: Double) {
    bits.store(value.bitPattern, ordering: .relaxed)
    // After the value, so that a flush that sees the setting sees the value too.
    wasSet.store(true, ordering: .releasing)
  }

  /// Takes over a finite value that is read again and again. The same as before is no new setting.
  func follow(_ value: Double) {
    bits.store(value.bitPattern, ordering: .relaxed)
  }

  /// Whether it was set since the last call. A setting to another value shows in the value as well.
  func takeSetting() -> Bool {
    wasSet.load(ordering: .relaxed) && wasSet.exchange(false, ordering: .acquiring)
  }

  /// Adds a finite change, to 0 where it has no value; false where the sum would not be finite.
  /// Lock-free.
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

  /// Takes the value away, where there is one.
  func remove() {
    var known = bits.load(ordering: .relaxed)
    while known != GaugeCell.unset {
      let (exchanged, original) = bits.compareExchange(
        expected: known, desired: GaugeCell.removed, ordering: .relaxed)
      if exchanged { return }
      known = original
    }
  }

  /// The value, NaN where it was taken away, nil where it was never set.
  var value: Double? {
    let bits = bits.load(ordering: .relaxed)
    return bits == GaugeCell.unset ? nil : Double(bitPattern: bits)
  }

  /// Has never been set, while no other thread records.
  func reset() {
    bits.store(GaugeCell.unset, ordering: .relaxed)
    wasSet.store(false, ordering: .relaxed)
  }
}

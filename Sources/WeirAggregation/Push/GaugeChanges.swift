import WeirMetrics

/// What an owner's `gauge` and `gauge_add` records of one gauge come to, in whatever order their frames
/// arrive: the value of the last setting, and all changes after it.
///
/// The last changes are kept one by one, so that a setting that comes late can tell which of them came
/// before it and which after.
struct GaugeChanges: Sendable {
  private struct Change: Sendable {
    let sequence: UInt64
    let amount: Double
  }

  /// Changes that are kept one by one. 5 s of reordering at 12 changes of one gauge a second.
  static let keptMax = 64
  /// The memory that they take at most, of which half is taken soon.
  static let bytesMax = keptMax * MemoryLayout<Change>.stride + 64

  /// The last setting, with the changes that are no longer kept one by one.
  private var base: Double
  /// Frames up to this one have changes in `base`: where such a setting belongs is not known.
  private var foldedUpTo: UInt64 = 0
  /// In the order of their frames.
  private var kept: [Change] = []

  /// - Parameter base: The value before the first change.
  init(base: Double) {
    self.base = base
  }

  /// The gauge's value.
  ///
  /// - Complexity: O(changes kept).
  var value: Double {
    var sum = CompensatedSum(sum: base)
    for change in kept { sum.add(change.amount) }
    return sum.value
  }

  /// Whether no change came after the last setting.
  var isEmpty: Bool { kept.isEmpty }

  /// Notes a change of the frame `sequence`, which no later frame with a setting has undone.
  ///
  /// - Complexity: O(changes kept).
  mutating func add(_ amount: Double, sequence: UInt64) {
    guard sequence >= foldedUpTo else {
      base = CompensatedSum.clamped(base + amount)
      return
    }
    let place = (kept.lastIndex { $0.sequence <= sequence } ?? -1) + 1
    kept.insert(Change(sequence: sequence, amount: amount), at: place)
    if kept.count > GaugeChanges.keptMax {
      let oldest = kept.removeFirst()
      base = CompensatedSum.clamped(base + oldest.amount)
      foldedUpTo = oldest.sequence
    }
  }

  /// Sets the gauge in the frame `sequence`. Changes in earlier frames, and before it in the same one, are
  /// undone.
  ///
  /// - Returns: False, and nothing has changed, where the setting is older than changes that are no longer
  ///   known one by one.
  mutating func set(_ value: Double, sequence: UInt64) -> Bool {
    guard sequence >= foldedUpTo else { return false }
    base = value
    kept.removeAll { $0.sequence <= sequence }
    return true
  }
}

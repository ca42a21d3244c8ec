import WeirMetrics

/// The value of one gauge after an owner's `gauge` and `gauge_add` records, in whatever order their
/// frames arrive: the last setting plus all later changes.
///
/// The most recent changes are kept one by one, so that a late setting can be placed between them.
/// before it and which after.
struct GaugeChanges: Sendable {
  struct Change: Sendable {
    let sequence: UInt64
    let amount: Double
  }

  /// The most changes that are kept one by one: 5 s of reordering at 12 changes of one gauge a
  /// second.
  static let keptMax = 64
  /// The most memory that they take. Half of it is soon in use.
  static let bytesMax = keptMax * MemoryLayout<Change>.stride + 64

  /// The last setting, plus the changes that are no longer kept one by one.
  private(set) var base: Double
  /// `base` contains changes of frames up to this one. A setting from before it can't be placed.
  private(set) var foldedUpTo: UInt64 = 0
  /// In the order of their frames.
  private(set) var kept: [Change] = []

  /// - Parameter base: The value before the first change.
  init(base: Double) {
    self.base = base
  }

  /// Changes that were saved; nil if no changes can be so.
  init?(base: Double, foldedUpTo: UInt64, kept: [(sequence: UInt64, amount: Double)]) {
    guard base.isFinite, kept.count <= GaugeChanges.keptMax,
      kept.allSatisfy({ $0.amount.isFinite && $0.sequence >= foldedUpTo }),
      zip(kept, kept.dropFirst()).allSatisfy({ $0.sequence <= $1.sequence })
    else { return nil }
    self.base = base
    self.foldedUpTo = foldedUpTo
    self.kept = kept.map { Change(sequence: $0.sequence, amount: $0.amount) }
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

  /// Adds a change of the frame `sequence`. The caller has checked that no later frame set the gauge.
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

  /// Sets the gauge in the frame `sequence`. This replaces changes of earlier frames, and earlier
  /// changes of the same frame.
  ///
  /// - Returns: False, and nothing has changed, if the setting is older than changes that are no longer
  ///   known one by one.
  mutating func set(_ value: Double, sequence: UInt64) -> Bool {
    guard sequence >= foldedUpTo else { return false }
    base = value
    kept.removeAll { $0.sequence <= sequence }
    return true
  }
}

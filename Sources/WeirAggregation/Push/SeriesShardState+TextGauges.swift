import WeirMetrics
import WeirPush

/// Applies records of gauges that text has set or changed at a forwarder.
extension SeriesShardState {
  /// - Parameter numbers: The numbers of the frame.
  mutating func applyTextGauge(
    _ record: PushRecord, _ entry: Int, of owner: inout Owner, _ numbers: Span<Double>,
    _ frame: borrowing PushedFrame
  ) -> Bool {
    // One more than the sequence, so that 0 means none.
    let sequence = frame.header.sequence &+ 1
    let last = owner.entries[entry].first
    guard sequence > last || sequence == last && frame.isFirst else { return true }
    let told = TextGauge(record, numbers)
    let known = owner.textGauge(entry)
    let isBaseline = known == nil && owner.isBaseline(record, second: frame.second)
    let effect = told.effect(after: known, value: record.value, isBaseline: isBaseline)
    if let effect {
      // Text would not bring an expired series back with a repeat, so a record without effect needs
      // no live series.
      let lease = owner.entries[entry].lease
      guard tables[lease.classID].apply(effect, lease.rowLease, second: frame.second) else {
        return false
      }
    }
    if effect != nil || told.began != known?.began { owner.setTextGauge(entry, to: told) }
    owner.entries[entry].first = sequence
    return true
  }
}

/// What a forwarder has sent of a gauge that text sets there.
struct TextGauge: Equatable {
  /// How often text has set the gauge. A whole number up to `PushFormat.settingsMax`.
  var settings: Double
  /// The sum of the relative changes since the last setting.
  var changes: Double
  /// When the forwarder made the series, in milliseconds after its start; -1 where it does not say.
  var began: Double

  /// What a record does to the merged gauge.
  enum Effect: Equatable {
    /// As a line with a value, and one with a relative change.
    case set(Double, changes: Double)
    /// As a line with a relative change.
    case change(Double)
  }

  /// The effect of a newer record.
  ///
  /// - Parameters:
  ///   - known: The record before it; nil for none.
  ///   - value: The value of the last setting.
  ///   - isBaseline: Whether changes that no setting came before are already counted elsewhere.
  /// - Returns: Nil if nothing has happened at the forwarder since `known`.
  func effect(after known: TextGauge?, value: Double, isBaseline: Bool) -> Effect? {
    // A series that was made again counts its settings from 0 again.
    let isSame = known?.began == began
    let before = isSame ? known : nil
    if settings > before?.settings ?? 0 { return .set(value, changes: changes) }
    guard let before else { return .change(isBaseline ? 0 : changes) }
    guard settings == before.settings, changes != before.changes else { return nil }
    return .change(CompensatedSum.clamped(changes - before.changes))
  }
}

extension TextGauge {
  fileprivate init(_ record: PushRecord, _ numbers: Span<Double>) {
    let first = Int(record.numbers.first)
    settings = numbers[first]
    changes = numbers[first + 1]
    began = record.beganMilliseconds.map { Double($0) } ?? -1
  }

  /// The cells that it takes in `Owner.cells`.
  fileprivate static let cells = 3
  /// The memory of these.
  static let bytes = cells * MemoryLayout<Double>.stride
}

extension Owner {
  /// What is known of a gauge; nil before its first record.
  fileprivate func textGauge(_ entry: Int) -> TextGauge? {
    guard let first = firstTextCell(entry) else { return nil }
    return TextGauge(settings: cells[first], changes: cells[first + 1], began: cells[first + 2])
  }

  fileprivate mutating func setTextGauge(_ entry: Int, to told: TextGauge) {
    if firstTextCell(entry) == nil {
      entries[entry].detail = UInt64(cells.count + 1)
      cells.reserveSparingly(TextGauge.cells)
      cells.append(contentsOf: repeatElement(0, count: TextGauge.cells))
    }
    guard let first = firstTextCell(entry) else { return }
    cells[first] = told.settings
    cells[first + 1] = told.changes
    cells[first + 2] = told.began
  }

  /// `detail` is one more than the index, so that 0 means none.
  private func firstTextCell(_ entry: Int) -> Int? {
    let detail = Int(entries[entry].detail)
    return detail == 0 ? nil : detail - 1
  }
}

extension ClassTable {
  /// Sets or changes a gauge as text does.
  ///
  /// - Returns: False, and nothing has changed, if the series has expired since it was leased.
  fileprivate mutating func apply(
    _ effect: TextGauge.Effect, _ lease: RowLease, second: UInt32
  ) -> Bool {
    guard series.renew(lease, second) else { return false }
    var cells = series.rows.row(lease.row)
    switch effect {
    case .set(let value, let changes):
      cells[ClassTable.sumCell] = CompensatedSum.clamped(value + changes)
      guard settings.isKept else { return true }
      settings.set(value, row: lease.row)
      settings.change(by: changes, row: lease.row)
    case .change(let amount):
      let before = cells[ClassTable.sumCell]
      cells[ClassTable.sumCell] = CompensatedSum.clamped((before.isNaN ? 0 : before) + amount)
      if settings.isKept { settings.change(by: amount, row: lease.row) }
    }
    return true
  }
}

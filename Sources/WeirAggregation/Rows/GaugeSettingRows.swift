import WeirMetrics

/// How text has set and changed a gauge. A forwarder sends this instead of the gauge's value, because
/// other forwarders may set and change the same gauge.
struct GaugeSettings: Sendable, Equatable {
  /// How often it was set.
  var count: UInt64 = 0
  /// The value of the last setting; 0 if it was only changed, and NaN before the first line of text.
  var value = Double.nan
  /// The sum of the relative changes since the last setting.
  var changes = CompensatedSum()

  /// Whether text has set or changed it. It has not if instances have pushed the gauge.
  var hasText: Bool { !value.isNaN }

  mutating func set(_ value: Double) {
    count &+= 1
    self.value = CompensatedSum.clamped(value)
    changes = CompensatedSum()
  }

  mutating func change(by amount: Double) {
    if value.isNaN { value = 0 }
    changes.add(CompensatedSum.clamped(amount))
  }
}

/// The settings of a class's gauges, at the index of each row. It is empty unless the aggregator
/// counts them.
struct GaugeSettingRows {
  /// Whether there is anything to keep. The other functions may only be called when there is.
  let isKept: Bool
  private var rows: [GaugeSettings] = []

  init(isKept: Bool) {
    self.isKept = isKept
  }

  /// Prepares the settings of the new series in `row`.
  mutating func begin(_ row: Int) {
    if row >= rows.count {
      rows.append(contentsOf: repeatElement(GaugeSettings(), count: row + 1 - rows.count))
    }
    rows[row] = GaugeSettings()
  }

  /// Counts the values of a sample.
  ///
  /// Never inlined, so that a feature that is off by default does not make the common path longer.
  @inline(never)
  mutating func add(_ values: Span<Double>, isRelative: Bool, row: Int) {
    for index in values.indices {
      if isRelative { change(by: values[index], row: row) } else { set(values[index], row: row) }
    }
  }

  mutating func set(_ value: Double, row: Int) { rows[row].set(value) }

  mutating func change(by amount: Double, row: Int) { rows[row].change(by: amount) }

  /// The settings of a live row.
  subscript(row: Int) -> GaugeSettings { rows[row] }

  /// Puts settings from the state file at a live row.
  mutating func restore(_ settings: GaugeSettings, row: Int) { rows[row] = settings }

  /// Frees what the expired series in `row` had.
  mutating func free(_ row: Int) { rows[row] = GaugeSettings() }

  /// Gives back the memory after the last row.
  mutating func truncate(to count: Int) {
    guard rows.count > count else { return }
    rows.removeLast(rows.count - count)
    rows.giveBackSpare()
  }
}

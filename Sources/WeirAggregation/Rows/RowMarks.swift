/// Flags of the series in a row. They are bits of the cell with the spelling's place that the place does not
/// use, so that a mark takes no memory and is read with the row.
struct RowMarks: OptionSet {
  let rawValue: UInt64

  /// A histogram that took a negative value, so that its sum may fall: until it expires.
  static let negative = RowMarks(rawValue: 1 << 18)
  /// A counter or a histogram that is shown as 0, because it is new (`YoungRows`).
  static let young = RowMarks(rawValue: 1 << 19)

  /// The bits of all marks.
  static let bits: UInt64 = 3 << 18
}

extension MutableSpan<Double> {
  /// Marks a row's series.
  mutating func insert(_ mark: RowMarks) {
    let cell = self[SeriesTable.placeCell].bitPattern
    self[SeriesTable.placeCell] = Double(bitPattern: cell | mark.rawValue)
  }

  /// Marks a histogram if one of some values is negative. A zero is not, whatever its sign.
  ///
  /// Never inlined, so that the common path stays short.
  @inline(never)
  mutating func noteNegative(_ values: Span<Double>) {
    for index in values.indices where values[index] < 0 { return insert(.negative) }
  }
}

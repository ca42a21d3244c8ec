/// Flags of the series in a row. They use two bits of the cell that holds the spelling's place, so
/// that a mark takes no extra memory and is read with the row.
struct RowMarks: OptionSet {
  let rawValue: UInt64

  /// The histogram has taken a negative value, so that its sum may fall. It stays until the series
  /// expires.
  static let negative = RowMarks(rawValue: 1 << 18)
  /// The counter or histogram is shown as 0 because it is new (`YoungRows`).
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

  /// Marks a histogram if one of these values is negative. Zero is not negative, whatever its sign.
  ///
  /// Never inlined, so that the common path stays short.
  @inline(never)
  mutating func noteNegative(_ values: Span<Double>) {
    for index in values.indices where values[index] < 0 { return insert(.negative) }
  }
}

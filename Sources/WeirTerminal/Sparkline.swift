/// Values over time as a row of bars, one column each.
package enum Sparkline {
  private static let bars: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
  private static let plainBars: [Character] = ["_", ".", ":", "-", "=", "+", "*", "#"]

  /// The bars, from 0 to the greatest value. A value above 0 is never shown as 0.
  ///
  /// Where there are more values than columns, each column shows the greatest of some values that lie side by
  /// side. Which ones these are depends on `end`, so that a bar keeps its height when new values follow.
  ///
  /// - Parameters:
  ///   - values: Oldest first; nil where nothing is known, which is shown as blank.
  ///   - columns: How many columns there are. Fewer values stand at the right.
  ///   - end: The number of the last value, counted from any beginning.
  /// - Returns: A text of `columns` characters; empty if there are none.
  /// - Complexity: O(values)
  package static func text(
    _ values: [Double?], columns: Int, end: Int = 0, _ style: Style
  ) -> String {
    guard columns > 0 else { return "" }
    let groups = grouped(values, columns: columns, end: end)
    let most = groups.reduce(0) { max($0, $1 ?? 0) }
    let bars = style.isUTF8 ? bars : plainBars
    var text = String(repeating: " ", count: columns - groups.count)
    for value in groups {
      guard let value, value.isFinite else {
        text.append(" ")
        continue
      }
      guard most > 0, value > 0 else {
        text.append(bars[0])
        continue
      }
      let level = (value / most * Double(bars.count - 1)).rounded()
      text.append(bars[min(bars.count - 1, max(1, Int(level)))])
    }
    return text
  }

  /// At most `columns` values, each the greatest of its group.
  static func grouped(_ values: [Double?], columns: Int, end: Int) -> [Double?] {
    let values = values.map { $0.flatMap { $0.isFinite ? $0 : nil } }
    guard columns > 0 else { return [] }
    guard values.count > columns else { return values }
    // One group more may be needed, because the first and the last are not whole.
    let size =
      columns == 1 ? values.count : (values.count + columns - 2) / max(1, columns - 1)
    var groups: [Double?] = []
    var last: Int?
    for (index, value) in values.enumerated() {
      let number = end - (values.count - 1 - index)
      let group = columns == 1 ? 0 : (number - (number % size + size) % size) / size
      if group != last {
        groups.append(value)
        last = group
      } else if let value {
        groups[groups.count - 1] = max(groups[groups.count - 1] ?? value, value)
      }
    }
    return Array(groups.suffix(columns))
  }
}

/// The results of one run or one case: names and numbers, in the order of the columns.
package struct Figures: Sendable {
  private struct Entry {
    let label: String
    let key: String
    /// A number or a word of JSON; nil where it was not measured.
    let text: String?
  }

  private var entries: [Entry] = []

  package init() {}

  package mutating func add(_ label: String, _ key: String, _ value: Int?) {
    entries.append(Entry(label: label, key: key, text: value.map { "\($0)" }))
  }

  package mutating func add(_ label: String, _ key: String, _ value: Double?, places: Int) {
    let text = value.map { Decimal.text($0, places: places) }
    entries.append(Entry(label: label, key: key, text: text))
  }

  /// - Precondition: nothing in `value` needs escaping in JSON.
  package mutating func add(_ label: String, _ key: String, _ value: String) {
    entries.append(Entry(label: label, key: key, text: "\"\(value)\""))
  }

  package mutating func add(_ label: String, _ key: String, _ value: Bool?) {
    entries.append(Entry(label: label, key: key, text: value.map { "\($0)" }))
  }

  /// One JSON object; what was not measured is null.
  package var json: String {
    "{" + entries.map { "\"\($0.key)\":\($0.text ?? "null")" }.joined(separator: ",") + "}"
  }

  /// The two lines above a Markdown table of such figures.
  package var heading: String {
    Self.row(entries.map(\.label)) + "\n" + Self.row(entries.map { _ in "---:" })
  }

  /// The figures as a row of that table.
  package var row: String { Self.row(entries.map { Self.plain($0.text ?? "") }) }

  /// A line for each figure that was measured, with the numbers aligned.
  package var list: String {
    let measured = entries.filter { $0.text != nil }
    let width = measured.map(\.label.count).max() ?? 0
    return measured.map { entry in
      let gap = String(repeating: " ", count: width - entry.label.count)
      return "\(entry.label)\(gap)  \(Self.plain(entry.text ?? ""))"
    }.joined(separator: "\n")
  }

  private static func row(_ cells: [String]) -> String {
    "| " + cells.joined(separator: " | ") + " |"
  }

  private static func plain(_ json: String) -> String {
    json.hasPrefix("\"") ? String(json.dropFirst().dropLast()) : json
  }
}

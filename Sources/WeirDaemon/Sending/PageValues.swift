/// The numbers of a scrape in Prometheus' text format, by the lines that show them.
struct PageValues: Equatable {
  /// By the line without its value: `name{label="value"}`.
  private let values: [[UInt8]: Double]

  init(_ page: [UInt8]) {
    var values: [[UInt8]: Double] = [:]
    for line in page.split(separator: UInt8(ascii: "\n")) where line.first != UInt8(ascii: "#") {
      guard let end = PageValues.end(ofSeries: line) else { continue }
      let number = line[line.index(after: end)...].prefix { $0 != UInt8(ascii: " ") }
      guard let value = Double(String(decoding: number, as: UTF8.self)) else { continue }
      values[Array(line[..<end])] = value
    }
    self.values = values
  }

  subscript(line: [UInt8]) -> Double? { values[line] }

  subscript(line: String) -> Double? { values[Array(line.utf8)] }

  /// All values of a name, by its labels: `{label="value"}`, or nothing.
  func rows(of name: String) -> [(labels: String, value: Double)] {
    let name = Array(name.utf8)
    return values.compactMap { line, value -> (labels: String, value: Double)? in
      guard line.starts(with: name) else { return nil }
      let labels = line.dropFirst(name.count)
      guard labels.isEmpty || labels.first == UInt8(ascii: "{") else { return nil }
      return (String(decoding: labels, as: UTF8.self), value)
    }.sorted { $0.labels < $1.labels }
  }

  /// The sum of all values of a name; nil if there is none.
  func sum(of name: String) -> Double? {
    let rows = rows(of: name)
    return rows.isEmpty ? nil : rows.reduce(0) { $0 + $1.value }
  }

  /// The first space that is not in a label's value.
  private static func end(ofSeries line: ArraySlice<UInt8>) -> Int? {
    var isQuoted = false
    var isEscaped = false
    for index in line.indices {
      switch line[index] {
      case _ where isEscaped: isEscaped = false
      case UInt8(ascii: "\\") where isQuoted: isEscaped = true
      case UInt8(ascii: "\""): isQuoted.toggle()
      case UInt8(ascii: " ") where !isQuoted: return index
      default: break
      }
    }
    return nil
  }
}

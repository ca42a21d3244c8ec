import Foundation
import Testing
import WeirMetrics

@testable import WeirAggregation

@Suite("The table of reasons in docs/wire-format.md")
struct WireDocumentTests {
  /// A row: `reason`, when, and one or more example lines.
  private struct Row {
    let reason: String
    let examples: [[UInt8]]
  }

  private func rows() throws -> [Row] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    let text = try String(contentsOf: root.appending(path: "docs/wire-format.md"), encoding: .utf8)
    let section = try #require(text.components(separatedBy: "\n## Reasons\n").last)
    let table = section.components(separatedBy: "\n## ")[0]
    return table.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
      let cells = line.replacing("\\|", with: "\u{0}").split(separator: "|").map {
        $0.replacing("\u{0}", with: "|")
      }
      return Row(reason: codes(cells[0])[0], examples: codes(cells[2]).map(bytes))
    }
  }

  @Test("names every reason once")
  func complete() throws {
    let documented = try rows().map(\.reason)
    #expect(documented.sorted() == Refusal.allCases.map { "\($0.label)" }.sorted())
  }

  @Test("shows lines that are refused for exactly that reason")
  func examples() throws {
    for row in try rows() {
      var limits = SeriesLimits()
      // These examples need limits that are reached already.
      switch row.reason {
      case "\(Refusal.tooManySeries.label)": limits.seriesMax = 0
      case "\(Refusal.tooManySeriesOfName.label)": limits.seriesPerNameMax = 1
      case "\(Refusal.tooManyNames.label)": limits.namesMax = 1
      case "\(Refusal.tooManySets.label)": limits.setsMax = 1
      default: break
      }
      var ingest = Ingest(Aggregator(limits: limits))
      var examples = row.examples
      if row.reason == "\(Refusal.lineTooLong.label)" {
        // Too long to be shown.
        examples = [Array("a:1|c|#k:".utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: 65_536)]
      }
      let last = try #require(examples.last)
      for example in examples.dropLast() { ingest.apply(bytes: example) }
      #expect(ingest.totals.refused.isEmpty, "\(row.reason): only the last line may be refused")
      ingest.apply(bytes: last)
      let refused = ingest.totals.refused.map { ("\($0.label)", $1) }
      #expect(refused.count == 1 && refused[0] == (row.reason, 1), "\(row.reason): \(refused)")
    }
  }

  /// The code spans of a cell.
  private func codes(_ cell: some StringProtocol) -> [String] {
    cell.components(separatedBy: "`").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
  }

  /// The bytes of an example, with `\xHH` and `(text){count}` put in full.
  private func bytes(_ example: String) -> [UInt8] {
    let whole = example.replacing(/\((.*?)\)\{([0-9]+)\}/) {
      String(repeating: String($0.1), count: Int($0.2) ?? 0)
    }
    var bytes: [UInt8] = []
    for (index, piece) in whole.components(separatedBy: "\\x").enumerated() {
      if index > 0 { bytes.append(UInt8(piece.prefix(2), radix: 16) ?? 0) }
      bytes += Array(piece.dropFirst(index > 0 ? 2 : 0).utf8)
    }
    return bytes
  }
}

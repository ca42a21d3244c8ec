import Foundation
import TestSupport
import Testing
import WeirMetrics
import WeirWire

/// A row of `Corpus/lines.tsv`, whose head describes its syntax.
struct CorpusRow: Sendable, CustomTestStringConvertible {
  let text: String
  let number: Int
  let options: StatsDOptions
  let line: [UInt8]
  let expected: NaiveDecoder.Line

  var testDescription: String { "row \(number): \(text)" }

  /// Every row of the file, which is in the same folder.
  static let all: [CorpusRow] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "Corpus/lines.tsv")
    do {
      return try String(contentsOf: file, encoding: .utf8).split(
        separator: "\n", omittingEmptySubsequences: false
      )
      .enumerated().filter { !$1.isEmpty && !$1.hasPrefix("#") }
      .map { try CorpusRow(String($1), number: $0 + 1) }
    } catch {
      preconditionFailure("The corpus can't be read: \(error)")
    }
  }()

  struct Malformed: Error {
    let row: Int
    let what: String
  }

  init(_ text: String, number: Int) throws {
    let columns = text.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    func malformed(_ what: String) -> Malformed { Malformed(row: number, what: what) }
    guard (3...5).contains(columns.count) else { throw malformed("\(columns.count) columns") }
    self.text = text
    self.number = number
    guard let options = CorpusRow.options(columns[0]) else { throw malformed("flags") }
    self.options = options
    line = try CorpusRow.unescaped(columns[1], row: number)
    switch columns[2] {
    case "nothing": expected = .nothing
    case "event": expected = .event
    case "check": expected = .serviceCheck
    default:
      let series = columns.count > 3 ? try CorpusRow.unescaped(columns[3], row: number) : []
      var (dropped, own) = (0, 0)
      if columns.count > 4 {
        let counts = columns[4].split(separator: "+").map { Int($0) }
        guard 1...2 ~= counts.count, let first = counts[0], let last = counts[counts.count - 1]
        else { throw malformed("tags dropped") }
        dropped = first
        own = counts.count > 1 ? last : 0
      }
      var parts: [NaiveDecoder.Part] = []
      for outcome in columns[2].components(separatedBy: " ; ") {
        // The count is of the whole line: the first sample that is taken bears it.
        let spelling = NaiveSpelling(
          text: String(decoding: series, as: UTF8.self), tagsDropped: dropped, tagsInternal: own)
        guard let part = CorpusRow.part(outcome, spelling) else { throw malformed(outcome) }
        if case .taken = part {
          (dropped, own) = (0, 0)
          if series.isEmpty { throw malformed("no series") }
        }
        parts.append(part)
      }
      expected = .parts(parts)
    }
  }

  private static func options(_ text: String) -> StatsDOptions? {
    var options = StatsDOptions()
    for flag in text.split(separator: ",") {
      switch flag {
      case "-": break
      case "absolute": options.gaugeSign = .absolute
      case "-dogstatsd": options.tagStyles.remove(.dogStatsD)
      case "-influxdb": options.tagStyles.remove(.influxDB)
      case "-librato": options.tagStyles.remove(.librato)
      case "-signalfx": options.tagStyles.remove(.signalFx)
      case "-graphite": options.tagStyles.remove(.graphite)
      case "valueless": options.valuelessTags = .isTrue
      case "container": options.containerLabel = "container_id"
      default: return nil
      }
    }
    return options
  }

  private static func part(_ text: String, _ spelling: NaiveSpelling) -> NaiveDecoder.Part? {
    guard let (word, rest) = cut(text, at: " ") else { return nil }
    switch word {
    case "refused":
      return Refusal.allCases.first { "\($0.label)" == rest }.map { .refused([$0]) }
    case "set":
      guard let member = try? unescaped(rest, row: 0) else { return nil }
      let value = NaiveDecoder.Value(number: 0, member: String(decoding: member, as: UTF8.self))
      return .taken(kind: .set, values: [value], weight: 1, spelling)
    case "counter", "histogram":
      let (numbers, weight) = cut(rest, at: "*") ?? (rest, "1")
      let values = split(numbers, on: " ").compactMap(Double.init).map {
        NaiveDecoder.Value(number: $0)
      }
      guard let weight = Double(weight), values.count == split(numbers, on: " ").count else {
        return nil
      }
      return .taken(
        kind: word == "counter" ? .counter : .histogram, values: values, weight: weight, spelling)
    case "gauge":
      let values = split(rest, on: " ").compactMap { text -> NaiveDecoder.Value? in
        let isRelative = text.first != "="
        return Double(isRelative ? text : String(text.dropFirst()))
          .map { NaiveDecoder.Value(number: $0, isRelative: isRelative) }
      }
      guard values.count == split(rest, on: " ").count else { return nil }
      return .taken(kind: .gauge, values: values, weight: 1, spelling)
    default: return nil
    }
  }

  /// Resolves `\t \r \n \\` and `\xHH`.
  static func unescaped(_ text: String, row: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        continue
      }
      switch rest.popFirst().map({ Character(Unicode.Scalar($0)) }) {
      case "t": bytes.append(9)
      case "r": bytes.append(13)
      case "n": bytes.append(10)
      case "\\": bytes.append(UInt8(ascii: "\\"))
      case "x":
        guard let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
          throw Malformed(row: row, what: "\\x without two digits")
        }
        bytes.append(value)
        rest = rest.dropFirst(2)
      default: throw Malformed(row: row, what: "an unknown escape")
      }
    }
    return bytes
  }
}

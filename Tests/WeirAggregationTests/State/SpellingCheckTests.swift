import TestSupport
import Testing

@testable import WeirAggregation

struct SpellingCheckTests {
  private static let names = [
    "a", "le", "quantile", "requests:total", "_x9", "method", "weir_overflow", "weir_x", "__name__",
    "http_requests_duration_seconds_of_a_rather_long_name", "\"a.b\"", "\"é\"", "\"1\"", "\"a\"",
    "\"x\\\"y\"", "1a", "",
  ]
  private static let values = [
    "1", "true", "GET", "/api/v1/items/1234567890/of/a/path/that/is/longer/than/lanes", "é",
    "\\\\", "\\\"", "\\n", "\\x", "a\\\"b{c=}", "",
  ]
  private static let bytes = Array("a1_:\"\\{},=n\n\u{0}.".utf8) + [0x80, 0xC3, 0xA9, 0xFF]

  /// A spelling that may be right, with some bytes changed.
  static func spelling(_ generator: inout SeededGenerator) -> [UInt8] {
    var labels = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
      "\(names.randomElement(using: &generator)!)=\"\(values.randomElement(using: &generator)!)\""
    }
    if Int.random(in: 0..<8, using: &generator) > 0 { labels.sort() }
    let name = names.randomElement(using: &generator)!
    var text = Array((labels.isEmpty ? name : "\(name){\(labels.joined(separator: ","))}").utf8)
    for _ in 0..<max(0, Int.random(in: -3...2, using: &generator)) {
      let place = Int.random(in: 0...text.count, using: &generator)
      let removed = Int.random(in: 0...min(1, text.count - place), using: &generator)
      let byte = bytes.randomElement(using: &generator)!
      let added = Bool.random(using: &generator) ? [byte] : []
      text.replaceSubrange(place..<place + removed, with: added)
    }
    return text
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `the check and a simple one agree`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var right = 0
    for _ in 0..<800 {
      let text = SpellingCheckTests.spelling(&generator)
      // What is before and after a spelling is none of its business.
      let before = [UInt8](repeating: 0x61, count: Int.random(in: 0...3, using: &generator))
      let after = [UInt8](repeating: 0xC3, count: Int.random(in: 0...40, using: &generator))
      let all = before + text + after
      let check = SpellingCheck(all.span, before.count..<before.count + text.count)
      let naive = NaiveSpellingCheck(text)
      #expect((check == nil) == (naive == nil), "\(String(decoding: text, as: UTF8.self))")
      guard let check, let naive else { continue }
      right += 1
      expectSame(check, naive, text)
    }
    #expect(right > 100)
  }

  private func expectSame(
    _ check: SpellingCheck, _ naive: NaiveSpellingCheck, _ text: [UInt8]
  ) {
    #expect(check.labelCount == naive.labels.count)
    #expect(check.isOverflow == naive.isOverflow)
    let isNameQuoted = text[0] == UInt8(ascii: "\"")
    let labels = naive.labels.map(\.name)
    let quoted = labels.filter { !NaiveSpellingCheck.isClassic($0, colon: false) }
    #expect(check.isQuoted == (isNameQuoted || !quoted.isEmpty))
    #expect(check.hasBound == labels.contains("le"))
    #expect(check.hasQuantile == labels.contains("quantile"))
    if !isNameQuoted { #expect(check.nameLength == naive.name.utf8.count) }
    #expect(check.hasLabels == !labels.isEmpty)
    #expect(check.longestLabelName >= labels.map(\.utf8.count).max() ?? 0)
  }
}

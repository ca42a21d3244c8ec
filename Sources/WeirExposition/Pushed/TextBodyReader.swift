import WeirBytes
import WeirMetrics

/// Reads Prometheus' text format 0.0.4
/// (prometheus.io/docs/instrumenting/exposition_formats), strictly.
///
///     # TYPE name counter
///     name{label="value"} 42
///
/// Every line ends in a line feed: without the last one the body may be cut off. Lines of a family may be apart.
/// Names are classic ones. A sample with a timestamp is refused.
struct TextBodyReader {
  let bytes: [UInt8]
  let limits: PushedBodyLimits
  var speller: SeriesSpeller
  var collector: FamilyCollector
  var index = 0
  var line = 1

  init(_ bytes: [UInt8], _ labels: PushedLabels, _ limits: PushedBodyLimits) {
    self.bytes = bytes
    self.limits = limits
    speller = SeriesSpeller(labels, limits.series)
    collector = FamilyCollector(limits)
  }

  mutating func read() throws(PushedBodyMistake) -> [PushedFamily] {
    guard bytes.span.isUTF8(from: 0, to: bytes.count) else {
      throw .malformed("the body is not UTF-8")
    }
    guard !bytes.contains(0) else { throw .malformed("the body has a null byte") }
    while true {
      skipBlanks()
      guard index < bytes.count else { break }
      switch bytes[index] {
      case .lineFeed: break
      case UInt8(ascii: "#"): try readComment()
      default: try readSample()
      }
      try endLine()
    }
    return try collector.finish()
  }

  // Lines and words.

  mutating func skipBlanks() {
    while index < bytes.count, bytes[index].isBlank { index += 1 }
  }

  private mutating func endLine() throws(PushedBodyMistake) {
    guard index < bytes.count else {
      throw .malformed(
        "the last line has no line feed, so that the body may be cut off; end each line with one")
    }
    guard bytes[index] == .lineFeed else { throw unexpected("the end of the line") }
    index += 1
    line += 1
  }

  func unexpected(_ expected: String) -> PushedBodyMistake {
    guard index < bytes.count else {
      return .malformed("the line ends where \(expected) should be", line: line)
    }
    if bytes[index] == 0x0D {
      return .malformed("the line has a carriage return; end lines with a line feed", line: line)
    }
    if bytes[index] == .lineFeed {
      return .malformed("the line ends where \(expected) should be", line: line)
    }
    return .malformed(
      "there is \(PushedBodyMistake.shown(bytes[index...].prefix { $0 != .lineFeed })) where "
        + "\(expected) should be", line: line)
  }

  /// The bytes up to the next blank or the end of the line.
  mutating func word() -> Range<Int> {
    let start = index
    while index < bytes.count, !bytes[index].isBlank, bytes[index] != .lineFeed { index += 1 }
    return start..<index
  }

  /// The bytes that may be in a name, with colons.
  mutating func name() throws(PushedBodyMistake) -> Range<Int> {
    let start = index
    while index < bytes.count, bytes[index].isInName || bytes[index] == UInt8(ascii: ":") {
      index += 1
    }
    guard PushedBody.isName(bytes[start..<index]) else {
      index = start
      throw unexpected("a name")
    }
    guard index - start <= limits.series.nameBytesMax else {
      throw .inconsistent("a name is longer than --limit.name-bytes allows", line: line)
    }
    return start..<index
  }

  // Comments.

  private mutating func readComment() throws(PushedBodyMistake) {
    index += 1
    skipBlanks()
    let keyword = bytes[word()]
    guard keyword.elementsEqual("HELP".utf8) || keyword.elementsEqual("TYPE".utf8) else {
      return skipLine()
    }
    let isHelp = keyword.elementsEqual("HELP".utf8)
    skipBlanks()
    guard index < bytes.count, bytes[index] != .lineFeed else { return }
    let name = Array(bytes[try name()])
    guard index >= bytes.count || bytes[index].isBlank || bytes[index] == .lineFeed else {
      throw unexpected("a blank after the name")
    }
    skipBlanks()
    let family = try collector.family(name)
    if isHelp { try readHelp(of: family) } else { try readType(of: family) }
  }

  private mutating func skipLine() {
    while index < bytes.count, bytes[index] != .lineFeed { index += 1 }
  }

  private mutating func readHelp(of family: Int) throws(PushedBodyMistake) {
    var text: [UInt8] = []
    while index < bytes.count, bytes[index] != .lineFeed {
      var byte = bytes[index]
      if byte == UInt8(ascii: "\\") {
        index += 1
        switch index < bytes.count ? bytes[index] : 0 {
        case UInt8(ascii: "\\"): byte = UInt8(ascii: "\\")
        case UInt8(ascii: "n"): byte = .lineFeed
        default: throw .malformed("a help text has an unknown escape", line: line)
        }
      }
      text.append(byte)
      index += 1
    }
    guard collector.families[family].help == nil else {
      throw .malformed("there is a second HELP of one name", line: line)
    }
    collector.set(help: String(decoding: text, as: UTF8.self), of: family)
  }

  private mutating func readType(of family: Int) throws(PushedBodyMistake) {
    guard index < bytes.count, bytes[index] != .lineFeed else { return }
    let word = bytes[word()]
    skipBlanks()
    guard collector.families[family].type == nil, collector.families[family].isEmpty else {
      throw .malformed(
        "the TYPE of a name comes a second time, or after its samples", line: line)
    }
    guard let type = ExposedType(pushed: word) else {
      throw .malformed(
        "the type \(PushedBodyMistake.shown(word)) is none of counter, gauge, histogram, summary, "
          + "untyped", line: line)
    }
    collector.set(type: type, of: family)
  }

}

extension ExposedType {
  /// The type that a `# TYPE` line of a pushed body says, in any case.
  fileprivate init?(pushed word: ArraySlice<UInt8>) {
    switch String(decoding: word, as: UTF8.self).lowercased() {
    case "counter": self = .counter
    case "gauge": self = .gauge
    case "histogram": self = .histogram
    case "summary": self = .summary
    case "untyped": self = .unknown
    default: return nil
    }
  }
}

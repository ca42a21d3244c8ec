import WeirBytes
import WeirMetrics

// Samples: a name, labels and a value.
extension TextBodyReader {
  /// What a sample is, by its name.
  private struct Role {
    let family: Int
    let type: ExposedType
    /// Nil for the value itself, or a quantile.
    let suffix: PushedBody.Suffix?

    /// The label that tells the samples of one series apart.
    var mark: [UInt8]? {
      switch (type, suffix) {
      case (.histogram, _): PushedBody.bound
      case (.summary, _): PushedBody.quantile
      default: nil
      }
    }

    /// Whether the label is needed.
    var hasMark: Bool { suffix == .bucket || type == .summary && suffix == nil }
  }

  mutating func readSample() throws(PushedBodyMistake) {
    let role = try role(of: Array(bytes[try name()]))
    skipBlanks()
    speller.begin()
    let mark = try readLabels(role)
    if role.hasMark != (mark != nil) {
      let label = String(decoding: role.mark ?? [], as: UTF8.self)
      throw .inconsistent(
        "a sample of a \(role.type.word) \(role.hasMark ? "lacks" : "has") the label \(label)",
        line: line)
    }
    let value = try number(word(), "value")
    let spelling: [UInt8]
    do throws(SpellingMistake) {
      spelling = try speller.finish(name: collector.families[role.family].name)
    } catch {
      throw .inconsistent(error.sentence, line: line)
    }
    try readTimestamp()
    try collect(value, mark, role, spelling)
  }

  private mutating func collect(
    _ value: Double, _ mark: Double?, _ role: Role, _ spelling: [UInt8]
  ) throws(PushedBodyMistake) {
    guard role.type.isObservations else {
      return try collector.add(spelling, value, to: role.family, line: line)
    }
    let line = line
    try collector.observe(spelling, of: role.family) { read throws(PushedBodyMistake) in
      if let mark {
        // Twice is seen when they are sorted.
        return try read.add(mark, value)
      }
      let isTwice = role.suffix == .sum ? read.sum != nil : read.count != nil
      if isTwice { throw .inconsistent("a sample is there twice", line: line) }
      if role.suffix == .sum { read.sum = value } else { read.count = value }
    }
  }

  /// The family of a sample. The samples of a histogram or summary belong to it from its TYPE on.
  private mutating func role(of name: [UInt8]) throws(PushedBodyMistake) -> Role {
    if let family = collector.place(of: name) {
      let type = collector.families[family].type ?? .unknown
      if type == .histogram {
        throw .inconsistent(
          "a histogram has samples with _bucket, _sum and _count after its name only", line: line)
      }
      return Role(family: family, type: type, suffix: nil)
    }
    for suffix in PushedBody.Suffix.allCases {
      guard let stem = SpelledName.removing(suffix.text, from: name),
        let family = collector.place(of: stem), let type = collector.families[family].type,
        type == .histogram || type == .summary && suffix != .bucket
      else { continue }
      return Role(family: family, type: type, suffix: suffix)
    }
    return Role(family: try collector.family(name), type: .unknown, suffix: nil)
  }

  /// Reads labels into the speller.
  ///
  /// - Returns: The value of the label that tells samples of a series apart.
  private mutating func readLabels(_ role: Role) throws(PushedBodyMistake) -> Double? {
    guard index < bytes.count, bytes[index] == UInt8(ascii: "{") else { return nil }
    let bytes = bytes
    var mark: Double?
    index += 1
    while true {
      skipBlanks()
      if index < bytes.count, bytes[index] == UInt8(ascii: "}") { break }
      let start = index
      while index < bytes.count, bytes[index].isInName { index += 1 }
      let name = start..<index
      guard !name.isEmpty else { throw unexpected("a label's name") }
      skipBlanks()
      try skip(UInt8(ascii: "="), "an equals sign")
      skipBlanks()
      try skip(UInt8(ascii: "\""), "a quote")
      let value = try labelValue()
      if let own = role.mark, bytes[name].elementsEqual(own) {
        guard mark == nil else {
          throw .inconsistent(
            "a series has the label \(PushedBodyMistake.shown(bytes[name])) twice", line: line)
        }
        mark = try number(value, "bound or quantile")
      } else {
        do throws(SpellingMistake) {
          try speller.add(bytes.span, name: name, value: value, isEscaped: true)
        } catch {
          throw .inconsistent(error.sentence, line: line)
        }
      }
      skipBlanks()
      if index < bytes.count, bytes[index] == UInt8(ascii: ",") {
        index += 1
      } else if index >= bytes.count || bytes[index] != UInt8(ascii: "}") {
        throw unexpected("a comma or a closing brace")
      }
    }
    index += 1
    skipBlanks()
    return mark
  }

  private mutating func skip(_ byte: UInt8, _ what: String) throws(PushedBodyMistake) {
    guard index < bytes.count, bytes[index] == byte else { throw unexpected(what) }
    index += 1
  }

  /// The bytes of a value up to its quote, with escapes that are known.
  private mutating func labelValue() throws(PushedBodyMistake) -> Range<Int> {
    let start = index
    while index < bytes.count, bytes[index] != UInt8(ascii: "\""), bytes[index] != .lineFeed {
      if bytes[index] == UInt8(ascii: "\\") {
        index += 1
        switch index < bytes.count ? bytes[index] : 0 {
        case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "n"): break
        default: throw .malformed("a label's value has an unknown escape", line: line)
        }
      }
      index += 1
    }
    let end = index
    try skip(UInt8(ascii: "\""), "a quote")
    return start..<end
  }

  private func number(_ range: Range<Int>, _ what: String) throws(PushedBodyMistake) -> Double {
    do throws(DecimalError) {
      return try bytes.span.decimal(from: range.lowerBound, to: range.upperBound)
    } catch {
      let text = bytes[range]
      let isNegative = text.first == UInt8(ascii: "-")
      let letters = text.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
      switch error {
      case .notANumber: return .nan
      case .infinite where letters.first.map { $0 | 0x20 } == UInt8(ascii: "i"):
        return isNegative ? -.infinity : .infinity
      case .infinite, .malformed:
        guard !range.isEmpty else { throw unexpected("a \(what)") }
        throw .malformed("the \(what) \(PushedBodyMistake.shown(text)) is not a number", line: line)
      }
    }
  }

  private mutating func readTimestamp() throws(PushedBodyMistake) {
    skipBlanks()
    guard index < bytes.count, bytes[index] != .lineFeed else { return }
    let start = index
    let word = bytes[word()]
    let digits = word.first == UInt8(ascii: "-") ? word.dropFirst() : word
    guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
      index = start
      throw unexpected("the end of the line")
    }
    throw .inconsistent(PushedBodyMistake.timestamp, line: line)
  }
}

extension UInt8 {
  static let lineFeed: UInt8 = 0x0A

  var isBlank: Bool { self == 0x20 || self == 0x09 }

  /// Whether it may be in a name after the first byte.
  var isInName: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}

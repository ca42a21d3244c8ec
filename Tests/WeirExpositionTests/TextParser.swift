/// A small strict reader of the Prometheus text format 0.0.4, written from its specification and
/// sharing nothing with the encoder.
struct TextParser {
  struct Sample: Equatable {
    var name: String
    var labels: [[UInt8]: [UInt8]]
    var value: Double
  }

  struct Family: Equatable {
    var name: String
    var help: String
    var type: String
    var samples: [Sample] = []
  }

  struct Malformed: Error {
    let line: String
  }

  /// Families in order; every sample must stand under a `# HELP` and `# TYPE` of its own name.
  static func parse(_ text: [UInt8]) throws -> [Family] {
    var families: [Family] = []
    var lines = text.split(separator: 10, omittingEmptySubsequences: false)
    // The last line ends in a newline too.
    guard lines.popLast()?.isEmpty == true else { throw Malformed(line: "no newline at the end") }
    for line in lines {
      let readable = String(decoding: line, as: UTF8.self)
      let words = readable.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
      if readable.hasPrefix("# HELP ") {
        families.append(Family(name: String(words[2]), help: String(words[3]), type: ""))
      } else if readable.hasPrefix("# TYPE ") {
        guard families.last?.name == String(words[2]), families.last?.type == "" else {
          throw Malformed(line: readable)
        }
        families[families.count - 1].type = String(words[3])
      } else {
        guard let sample = sample(Array(line)), let family = families.last,
          ["", "_bucket", "_sum", "_count"].contains(where: { family.name + $0 == sample.name })
        else { throw Malformed(line: readable) }
        families[families.count - 1].samples.append(sample)
      }
    }
    return families
  }

  private static func sample(_ line: [UInt8]) -> Sample? {
    var rest = line[...]
    let name = takeName(&rest)
    guard !name.isEmpty else { return nil }
    var labels: [[UInt8]: [UInt8]] = [:]
    if rest.first == UInt8(ascii: "{") {
      rest.removeFirst()
      while true {
        let label = takeName(&rest)
        guard !label.isEmpty, rest.starts(with: "=\"".utf8) else { return nil }
        rest = rest.dropFirst(2)
        guard let value = takeValue(&rest) else { return nil }
        guard labels.updateValue(value, forKey: label) == nil else { return nil }
        let next = rest.popFirst()
        if next == UInt8(ascii: "}") { break }
        guard next == UInt8(ascii: ",") else { return nil }
      }
    }
    guard rest.popFirst() == UInt8(ascii: " ") else { return nil }
    let number = String(decoding: rest, as: UTF8.self)
    let special: [String: Double] = ["+Inf": .infinity, "-Inf": -.infinity, "NaN": .nan]
    guard
      let value = special[number]
        ?? (number.contains { $0 == "n" || $0 == "N" } ? nil : Double(number))
    else { return nil }
    return Sample(name: String(decoding: name, as: UTF8.self), labels: labels, value: value)
  }

  /// `[a-zA-Z_][a-zA-Z0-9_]*`, or nothing.
  private static func takeName(_ rest: inout ArraySlice<UInt8>) -> [UInt8] {
    let letters = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_".utf8)
    let digits = Set("0123456789".utf8)
    guard let first = rest.first, letters.contains(first) else { return [] }
    let name = rest.prefix { letters.contains($0) || digits.contains($0) }
    rest = rest.dropFirst(name.count)
    return Array(name)
  }

  /// The text before the closing quote, without escapes.
  private static func takeValue(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
    var value: [UInt8] = []
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\""): return value
      case UInt8(ascii: "\\"):
        switch rest.popFirst() {
        case UInt8(ascii: "\\"): value.append(UInt8(ascii: "\\"))
        case UInt8(ascii: "\""): value.append(UInt8(ascii: "\""))
        case UInt8(ascii: "n"): value.append(10)
        default: return nil
        }
      default: value.append(byte)
      }
    }
    return nil
  }
}

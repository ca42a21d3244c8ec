/// Reads one sample line, `name{label="value"} 1`, without a timestamp.
enum SampleReader {
  static func read(_ line: Substring) throws -> Page.Sample {
    var rest = line
    let name = String(rest.prefix { $0 != "{" && $0 != " " })
    guard isName(name, colons: true) else {
      throw HarnessError("No metric name starts the line: \(line)")
    }
    rest.removeFirst(name.count)
    var labels: [String: String] = [:]
    if rest.first == "{" {
      rest.removeFirst()
      try readLabels(&rest, into: &labels, of: line)
    }
    guard rest.popFirst() == " ", let value = number(String(rest)) else {
      throw HarnessError("No value ends the line: \(line)")
    }
    return Page.Sample(name: name, labels: labels, value: value)
  }

  /// A number as the format writes it; Swift's own `inf` and `nan` are not.
  static func number(_ text: String) -> Double? {
    switch text {
    case "+Inf": .infinity
    case "-Inf": -.infinity
    case "NaN": .nan
    default: text.utf8.allSatisfy(isNumeric) ? Double(text) : nil
    }
  }

  /// Letters, digits and underscores, no digit first; colons in metric names only.
  private static func isName(_ text: String, colons: Bool) -> Bool {
    let isWhole = text.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"): true
      case UInt8(ascii: ":"): colons
      default: false
      }
    }
    return isWhole && text.utf8.first.map { !(0x30...0x39).contains($0) } == true
  }

  /// What a decimal number is made of; `Double` itself would take `0x1p3` and `infinity` too.
  private static func isNumeric(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || "+-.eE".utf8.contains(byte)
  }

  /// From after `{` to after `}`.
  private static func readLabels(
    _ rest: inout Substring, into labels: inout [String: String], of line: Substring
  ) throws {
    repeat {
      let label = String(rest.prefix { $0 != "=" })
      guard isName(label, colons: false), labels[label] == nil else {
        throw HarnessError("\"\(label)\" is not a new label name: \(line)")
      }
      rest.removeFirst(label.count)
      guard rest.hasPrefix("=\"") else { throw HarnessError("No value for \(label): \(line)") }
      rest.removeFirst(2)
      labels[label] = try readValue(&rest, of: line)
    } while rest.first == "," && rest.popFirst() != nil
    guard rest.popFirst() == "}" else { throw HarnessError("The labels do not end: \(line)") }
  }

  /// To after the closing quote; only `\\`, `\"` and `\n` are escapes.
  private static func readValue(_ rest: inout Substring, of line: Substring) throws -> String {
    var value = ""
    while let character = rest.popFirst() {
      switch character {
      case "\"": return value
      case "\\":
        switch rest.popFirst() {
        case "\\": value.append("\\")
        case "\"": value.append("\"")
        case "n": value.append("\n")
        default: throw HarnessError("An unknown escape: \(line)")
        }
      default: value.append(character)
      }
    }
    throw HarnessError("A label value does not end: \(line)")
  }
}

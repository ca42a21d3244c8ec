/// Reads one sample line, `name{label="value"} 1`, without a timestamp.
enum SampleReader {
  static func read(_ line: Substring) throws -> Page.Sample {
    var rest = line
    let name = String(rest.prefix { $0 != "{" && $0 != " " })
    guard name.wholeMatch(of: #/[a-zA-Z_:][a-zA-Z0-9_:]*/#) != nil else {
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
    default:
      text.wholeMatch(of: #/-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?/#).flatMap { _ in Double(text) }
    }
  }

  /// From after `{` to after `}`.
  private static func readLabels(
    _ rest: inout Substring, into labels: inout [String: String], of line: Substring
  ) throws {
    repeat {
      let label = String(rest.prefix { $0 != "=" })
      guard label.wholeMatch(of: #/[a-zA-Z_][a-zA-Z0-9_]*/#) != nil, labels[label] == nil else {
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

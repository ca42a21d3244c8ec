import WeirBytes
import WeirJSON

/// An object of the tap (docs/api.md).
package enum TapEvent: Sendable, Equatable {
  case line(TapLine)
  /// So many lines matched, and were not shown.
  case notShown(Int)
  /// The tap has ended, and why.
  case end(String)
  /// Weir refuses the question.
  case error(String)

  /// Nil if it is nothing of these.
  package init?(_ json: JSONValue) {
    if let line = TapLine(json) {
      self = .line(line)
    } else if let count = json["not_shown"].integer {
      self = .notShown(count)
    } else if let reason = json["end"].text {
      self = .end(reason)
    } else if let sentence = json["error"].text {
      self = .error(sentence)
    } else {
      return nil
    }
  }
}

/// A line that a sender has sent.
package struct TapLine: Sendable, Equatable {
  package var milliseconds: Int
  package var sender: String
  /// Why it was refused; nil if it was not.
  package var reason: String?
  package var line: String

  init?(_ json: JSONValue) {
    guard let line = json["line"].text else { return nil }
    self.line = line
    milliseconds = json["time_ms"].integer ?? 0
    sender = json["sender"].text ?? ""
    reason = json["reason"].text
  }

  /// `12:00:01.123Z  10.4.2.17:40122  orders.paid:1|c`
  package func text(_ style: Style) -> String {
    let ofDay = ((milliseconds % 86_400_000) + 86_400_000) % 86_400_000
    let (hour, minute) = (ofDay / 3_600_000, ofDay / 60_000 % 60)
    let time =
      "\(digits(hour, 2)):\(digits(minute, 2)):\(digits(ofDay / 1_000 % 60, 2)).\(digits(ofDay % 1_000, 3))Z"
    var text = style.tinted(time, .dim) + "  " + shown(sender, style)
    if let reason { text += "  " + style.tinted(shown(reason, style), .red) }
    return text + "  " + shown(line, style)
  }

  private func shown(_ text: String, _ style: Style) -> String {
    ShownText.of(text, onlyASCII: !style.isUTF8)
  }

  private func digits(_ number: Int, _ count: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: count - text.count) + text
  }
}

extension TapLine {
  /// The metric's name: what is before the value and before tags that belong to the name.
  package var name: String {
    let head = line.prefix { $0 != ":" }
    return String(head.prefix { $0 != "," && $0 != ";" && $0 != "#" && $0 != "[" })
  }

  /// The value of a tag as it was sent, in any of the styles; nil if the line has none.
  package func tag(_ key: String) -> String? {
    for field in line.split(separator: "|").dropFirst() where field.hasPrefix("#") {
      if let value = Self.value(of: key, in: field.dropFirst(), separator: ":") { return value }
    }
    let head = line.prefix { $0 != "|" }
    let name = head.prefix { $0 != "," && $0 != ";" && $0 != "#" && $0 != "[" }
    guard name.endIndex < head.endIndex else { return nil }
    let rest = head[head.index(after: name.endIndex)...]
    // The value of the metric follows the last colon, or the bracket.
    let end = rest.firstIndex(of: "]") ?? rest.lastIndex(of: ":") ?? rest.endIndex
    return Self.value(of: key, in: rest[..<end], separator: "=")
  }

  private static func value(
    of key: String, in tags: Substring, separator: Character
  ) -> String? {
    for tag in tags.split(whereSeparator: { $0 == "," || $0 == ";" }) {
      guard let mark = tag.firstIndex(of: separator) else { continue }
      if tag[..<mark] == key { return String(tag[tag.index(after: mark)...]) }
    }
    return nil
  }
}

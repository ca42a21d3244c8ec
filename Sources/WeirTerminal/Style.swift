/// What a terminal shows: whether there is colour, and characters beyond ASCII.
package struct Style: Sendable, Equatable {
  package let isUTF8: Bool
  package let hasColour: Bool

  package init(isUTF8: Bool, hasColour: Bool) {
    self.isUTF8 = isUTF8
    self.hasColour = hasColour
  }

  /// What the environment says of the terminal.
  ///
  /// - Parameters:
  ///   - isTerminal: Whether the output is one; else there is no colour.
  ///   - variable: The value of a variable of the environment; nil if it is not set, or empty.
  package init(isTerminal: Bool, variable: (String) -> String?) {
    isUTF8 = Style.isUTF8(variable)
    hasColour = isTerminal && variable("NO_COLOR") == nil && Style.canMove(variable)
  }

  /// Whether the locale is one of UTF-8. `LC_ALL` decides, then `LC_CTYPE`, then `LANG`.
  package static func isUTF8(_ variable: (String) -> String?) -> Bool {
    let locale = variable("LC_ALL") ?? variable("LC_CTYPE") ?? variable("LANG") ?? ""
    let name = locale.lowercased()
    return name.contains("utf-8") || name.contains("utf8")
  }

  /// Whether the terminal can place its cursor.
  package static func canMove(_ variable: (String) -> String?) -> Bool {
    guard let kind = variable("TERM") else { return false }
    return kind != "dumb" && kind != "unknown"
  }

  package enum Tint: String, Sendable, CaseIterable {
    case plain = ""
    case strong = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"
    case strongRed = "1;31"
    case reverse = "7"
    case alarm = "1;37;41"
  }

  /// The text in a tint, if there is colour.
  package func tinted(_ text: String, _ tint: Tint) -> String {
    guard hasColour, tint != .plain, !text.isEmpty else { return text }
    return "\u{1b}[\(tint.rawValue)m\(text)\u{1b}[0m"
  }

  package var ellipsis: String { isUTF8 ? "…" : "..." }
  package var arrow: String { isUTF8 ? "→" : "->" }

  /// What marks a finding.
  package func mark(_ mark: Mark) -> String {
    switch mark {
    case .bad: isUTF8 ? "✗" : "X"
    case .warn: "!"
    case .info: isUTF8 ? "•" : "-"
    case .well: isUTF8 ? "✓" : "ok"
    }
  }

  package enum Mark: Sendable {
    case bad, warn, info, well
  }

  /// Text that Weir has written itself, as a terminal without UTF-8 shows it. What else is not ASCII is written out.
  package func own(_ text: String) -> String {
    guard !isUTF8 else { return text }
    var plain = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "…": plain += "..."
      case "→": plain += "->"
      case "“", "”": plain += "\""
      case "’", "‘": plain += "'"
      case "–", "—": plain += "-"
      case "\u{a0}", "\u{202f}": plain += " "
      case "×": plain += "x"
      default: plain.unicodeScalars.append(scalar)
      }
    }
    return plain
  }
}

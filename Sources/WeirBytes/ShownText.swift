/// Foreign bytes as text for a terminal: characters that are seen stay as they are, and all others, which could
/// change what the terminal shows, are written out: `\u{202e}`, and `\xff` for what is not UTF-8.
package enum ShownText {
  /// How a character is written out.
  package enum Form: Sendable {
    /// `\u{202e}`
    case braces
    /// `\u202e`, as JSON has it within a string. Bytes that are not UTF-8 become `\ufffd`.
    case json
  }

  /// - Parameters:
  ///   - onlyASCII: Whether all other characters are written out, because the terminal does not show UTF-8.
  ///   - form: How they are written out.
  /// - Complexity: O(bytes). The text has at most 8 characters for each byte.
  package static func of(
    _ bytes: some Collection<UInt8>, onlyASCII: Bool = false, form: Form = .braces
  ) -> String {
    let bytes = Array(bytes)
    let span = bytes.span
    var text = ""
    var index = 0
    while index < bytes.count {
      let length = span.scalarLength(at: index, to: bytes.count)
      guard length > 0 else {
        text +=
          form == .json ? "\\ufffd" : "\\x" + hexadecimal(UInt32(bytes[index]), digits: 2)
        index += 1
        continue
      }
      for scalar in String(decoding: bytes[index..<index + length], as: UTF8.self).unicodeScalars {
        if isSeen(scalar), !onlyASCII || scalar.isASCII {
          text.unicodeScalars.append(scalar)
        } else {
          text += written(scalar, form)
        }
      }
      index += length
    }
    return text
  }

  package static func of(_ text: String, onlyASCII: Bool = false) -> String {
    of(text.utf8, onlyASCII: onlyASCII)
  }

  private static func written(_ scalar: Unicode.Scalar, _ form: Form) -> String {
    switch form {
    case .braces: "\\u{" + hexadecimal(scalar.value, digits: 2) + "}"
    case .json:
      String(scalar).utf16.map { "\\u" + hexadecimal(UInt32($0), digits: 4) }.joined()
    }
  }

  /// Whether a terminal shows the character and does nothing else. Those that Unicode lets programs ignore, such
  /// as fillers and variation selectors, are not seen.
  package static func isSeen(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar.value >= 0x20 && scalar.value < 0x7f }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
      .unassigned:
      return false
    default: return !scalar.properties.isDefaultIgnorableCodePoint
    }
  }

  private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}

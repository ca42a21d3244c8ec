import WeirBytes

/// Foreign bytes as text for a terminal: characters that are seen stay as they are, and all others, which could
/// change what the terminal shows, are written out: `\u{202e}`, and `\xff` for what is not UTF-8.
enum ShownText {
  static func of(_ bytes: [UInt8]) -> String {
    let span = bytes.span
    var text = ""
    var index = 0
    while index < bytes.count {
      let length = span.scalarLength(at: index, to: bytes.count)
      guard length > 0 else {
        text += "\\x" + hexadecimal(UInt32(bytes[index]), digits: 2)
        index += 1
        continue
      }
      for scalar in String(decoding: bytes[index..<index + length], as: UTF8.self).unicodeScalars {
        if isSeen(scalar) {
          text.unicodeScalars.append(scalar)
        } else {
          text += "\\u{" + hexadecimal(scalar.value, digits: 2) + "}"
        }
      }
      index += length
    }
    return text
  }

  private static func isSeen(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
      .unassigned:
      false
    default: true
    }
  }

  private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}

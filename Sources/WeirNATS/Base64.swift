/// Base64 (RFC 4648), with its padding.
enum Base64 {
  enum Alphabet {
    case usual
    /// `-` and `_` in place of `+` and `/`.
    case url
  }

  static func text(_ bytes: [UInt8], _ alphabet: Alphabet) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var value: UInt32 = 0
      for index in 0..<3 {
        value = value << 8 | (index < group.count ? UInt32(group[start + index]) : 0)
      }
      for index in 0..<4 {
        let digit = UInt8(truncatingIfNeeded: value >> UInt32(18 - 6 * index) & 63)
        text.append(index <= group.count ? character(digit, alphabet) : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Nil if it is not base64, or a bit that is not used is set.
  static func bytes(_ text: String, _ alphabet: Alphabet) -> [UInt8]? {
    var digits = Array(text.utf8)
    guard digits.count % 4 == 0 else { return nil }
    for _ in 0..<2 where digits.last == UInt8(ascii: "=") { digits.removeLast() }
    guard digits.count % 4 != 1 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 4 * 3 + 2)
    var value: UInt32 = 0
    var bits = 0
    for digit in digits {
      guard let six = number(digit, alphabet) else { return nil }
      value = (value << 6 | UInt32(six)) & 0xfff
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(bits)))
      }
    }
    return value & (1 << UInt32(bits) - 1) == 0 ? bytes : nil
  }

  private static func character(_ digit: UInt8, _ alphabet: Alphabet) -> UInt8 {
    switch digit {
    case 0..<26: UInt8(ascii: "A") + digit
    case 26..<52: UInt8(ascii: "a") + digit - 26
    case 52..<62: UInt8(ascii: "0") + digit - 52
    case 62: alphabet == .url ? UInt8(ascii: "-") : UInt8(ascii: "+")
    default: alphabet == .url ? UInt8(ascii: "_") : UInt8(ascii: "/")
    }
  }

  private static func number(_ character: UInt8, _ alphabet: Alphabet) -> UInt8? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
    case UInt8(ascii: "-") where alphabet == .url, UInt8(ascii: "+") where alphabet == .usual: 62
    case UInt8(ascii: "_") where alphabet == .url, UInt8(ascii: "/") where alphabet == .usual: 63
    default: nil
    }
  }
}

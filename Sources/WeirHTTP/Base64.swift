/// Base64 (RFC 4648), for the credentials in a header and for labels in a path.
package enum Base64 {
  package enum Alphabet: Sendable {
    /// With `+` and `/` (section 4).
    case standard
    /// With `-` and `_` (section 5).
    case urlSafe
  }

  /// The decoded bytes; nil if `text` is not valid Base64. Padding may be omitted.
  package static func decode(
    _ text: some Collection<UInt8>, alphabet: Alphabet = .standard
  ) -> [UInt8]? {
    var digits = Array(text)
    let padded = digits.count.isMultiple(of: 4)
    for _ in 0..<2 where padded && digits.last == UInt8(ascii: "=") { digits.removeLast() }
    guard digits.count % 4 != 1 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count * 3 / 4)
    var bits: UInt32 = 0
    var count: UInt32 = 0
    for digit in digits {
      guard let value = value(of: digit, alphabet) else { return nil }
      bits = bits << 6 | value
      count += 6
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> count))
      }
    }
    // Unused bits must be 0, so that no two texts decode to the same bytes.
    return bits & (1 << count - 1) == 0 ? bytes : nil
  }

  private static func value(of digit: UInt8, _ alphabet: Alphabet) -> UInt32? {
    switch digit {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0")) + 52
    case UInt8(ascii: alphabet == .standard ? "+" : "-"): 62
    case UInt8(ascii: alphabet == .standard ? "/" : "_"): 63
    default: nil
    }
  }
}

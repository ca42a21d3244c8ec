/// Percent encoding in the path of a request (RFC 3986, section 2.1).
enum PercentEncoding {
  /// The bytes of a path; nil if two hexadecimal digits do not follow a percent sign. A plus sign is one.
  static func decoded(_ path: some Collection<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    var rest = Array(path)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = rest.prefix(2)
      guard digits.count == 2, digits.allSatisfy({ hexValue($0) != nil }) else { return nil }
      bytes.append(digits.reduce(0) { $0 << 4 | (hexValue($1) ?? 0) })
      rest = rest.dropFirst(2)
    }
    return bytes
  }

  private static func hexValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

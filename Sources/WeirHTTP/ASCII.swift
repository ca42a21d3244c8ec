extension UInt8 {
  static let lineFeed = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  static let space = UInt8(ascii: " ")
  static let tab = UInt8(ascii: "\t")
  static let colon = UInt8(ascii: ":")

  var isDigit: Bool { (0x30...0x39).contains(self) }
  var isBlank: Bool { self == .space || self == .tab }
  var isLetter: Bool { (0x61...0x7a).contains(self | 0x20) }
  var lowered: UInt8 { (0x41...0x5a).contains(self) ? self | 0x20 : self }

  /// A character of a method or a header name (`tchar` of RFC 9110, 5.6.2).
  var isToken: Bool {
    switch self {
    case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"),
      UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
      UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "_"),
      UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
      true
    default: isDigit || isLetter
    }
  }

  /// A character of a request target: visible ASCII except `#`, because clients do not send the
  /// fragment (RFC 9112, 3.2).
  var isTarget: Bool { (0x21...0x7e).contains(self) && self != UInt8(ascii: "#") }

  /// A character of a header value: everything except control characters (RFC 9110, 5.5).
  var isFieldValue: Bool { self == .tab || (self >= 0x20 && self != 0x7f) }

  /// A character of the host name in a `Host` field (`reg-name` of RFC 3986, 3.2.2).
  var isHostName: Bool {
    switch self {
    case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"),
      UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
      UInt8(ascii: "'"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "*"),
      UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "="):
      true
    default: isDigit || isLetter
    }
  }

  var isHexDigit: Bool { isDigit || (0x61...0x66).contains(self | 0x20) }
}

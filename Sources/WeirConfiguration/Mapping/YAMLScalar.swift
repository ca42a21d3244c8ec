/// What a scalar without quotes means in YAML 1.1, as Go's yaml.v2 reads it.
enum YAMLScalar: Equatable {
  case bool(Bool)
  /// A whole number; beyond 64 bits it is a float.
  case whole(Int)
  case float(Double)
  case text

  /// - Parameter text: The scalar, which is not null.
  init(_ text: String) {
    self = Self.words[text] ?? Self.number(text) ?? .text
  }

  /// The number; nil if it is none.
  var number: Double? {
    switch self {
    case .whole(let number): Double(number)
    case .float(let number): number
    case .bool, .text: nil
    }
  }

  private static let words: [String: YAMLScalar] = {
    var words: [String: YAMLScalar] = [
      "y": .bool(true), "Y": .bool(true), "n": .bool(false), "N": .bool(false),
      ".nan": .float(.nan), ".NaN": .float(.nan), ".NAN": .float(.nan),
    ]
    for (lower, value) in [
      ("true", true), ("yes", true), ("on", true), ("false", false), ("no", false), ("off", false),
    ] {
      let title = lower.prefix(1).uppercased() + lower.dropFirst()
      for word in [lower, title, lower.uppercased()] { words[word] = .bool(value) }
    }
    for infinity in [".inf", ".Inf", ".INF"] {
      words[infinity] = .float(.infinity)
      words["+" + infinity] = .float(.infinity)
      words["-" + infinity] = .float(-.infinity)
    }
    return words
  }()

  /// `12`, `-0x1f`, `010` (which is 8), `1_000`, `.5`, `1.5e3`.
  private static func number(_ text: String) -> YAMLScalar? {
    guard let first = text.utf8.first, first.isDigitOrSign || first == UInt8(ascii: ".") else {
      return nil
    }
    let plain = first.isDigitOrSign ? text.filter { $0 != "_" } : text
    if let whole = whole(plain) { return whole }
    guard isDecimal(plain), let number = Double(plain), number.isFinite else { return nil }
    return .float(number)
  }

  private static func whole(_ text: String) -> YAMLScalar? {
    let isNegative = text.hasPrefix("-")
    let unsigned = isNegative || text.hasPrefix("+") ? text.dropFirst() : text[...]
    var digits = unsigned
    var radix = 10
    if unsigned.hasPrefix("0"), unsigned.utf8.count > 1 {
      let prefixes: [Character: Int] = ["x": 16, "X": 16, "o": 8, "O": 8, "b": 2, "B": 2]
      let mark = unsigned.dropFirst().first.flatMap { prefixes[$0] }
      radix = mark ?? 8
      digits = unsigned.dropFirst(mark == nil ? 1 : 2)
    }
    guard digits.utf8.first.map({ !$0.isDigitOrSign || $0.isDigitOnly }) == true,
      let magnitude = UInt64(digits, radix: radix)
    else { return nil }
    if let exact = Int(exactly: magnitude) { return .whole(isNegative ? -exact : exact) }
    return isNegative ? nil : .float(Double(magnitude))
  }

  /// Whether it is digits with at most one point and an exponent, and nothing that only Swift reads.
  private static func isDecimal(_ text: String) -> Bool {
    text.utf8.allSatisfy { byte in
      byte.isDigitOrSign || byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e")
    }
  }
}

extension UInt8 {
  fileprivate var isDigitOnly: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }

  fileprivate var isDigitOrSign: Bool {
    isDigitOnly || self == UInt8(ascii: "+") || self == UInt8(ascii: "-")
  }
}

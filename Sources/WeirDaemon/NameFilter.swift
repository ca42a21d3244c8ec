import WeirExposition
import WeirMetrics

/// The families that a scrape requests with `?name[]=…`, which may be repeated.
struct NameFilter: Equatable {
  private let names: Set<[UInt8]>

  /// The names in a request's query; nil if there are none, which means all families.
  init?(query: String?) {
    let names = Self.pairs(query).filter { $0.key == "name[]" }.map(\.value)
    if names.isEmpty { return nil }
    self.names = Set(names)
  }

  /// The keys and values of a query. A pair that is not well encoded is left out.
  static func pairs(_ query: String?) -> [(key: String, value: [UInt8])] {
    allPairs(query).compactMap { $0 }
  }

  /// The keys and values of a query, nil for a pair that has no value or is not well encoded.
  static func allPairs(_ query: String?) -> [(key: String, value: [UInt8])?] {
    (query ?? "").utf8.split(separator: UInt8(ascii: "&")).map { pair in
      let sides = pair.split(
        separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard sides.count == 2, let key = decoded(sides[0]), let value = decoded(sides[1]) else {
        return nil
      }
      return (String(decoding: key, as: UTF8.self), value)
    }
  }

  /// Whether a family is requested: by its name, the name of one of its series, or its name in
  /// OpenMetrics.
  func selects(_ name: [UInt8], type: ExposedType) -> Bool {
    let name = SpelledName.raw(name)
    if names.contains(name) { return true }
    switch type {
    case .counter: return FamilyNames.stem(of: name).map { names.contains($0) } ?? false
    case .histogram:
      return ["_bucket", "_sum", "_count"].contains { names.contains(name + Array($0.utf8)) }
    case .summary: return ["_sum", "_count"].contains { names.contains(name + Array($0.utf8)) }
    case .gauge, .unknown: return false
    }
  }

  /// The decoded text of a query; nil if two digits do not follow a percent sign.
  private static func decoded(_ text: Substring.UTF8View.SubSequence) -> [UInt8]? {
    var bytes: [UInt8] = []
    var rest = text[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
      case UInt8(ascii: "%"):
        guard let digits = String(rest.prefix(2)), digits.utf8.count == 2,
          digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
          let value = UInt8(digits, radix: 16)
        else { return nil }
        bytes.append(value)
        rest = rest.dropFirst(2)
      default: bytes.append(byte)
      }
    }
    return bytes
  }
}

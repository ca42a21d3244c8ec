import WeirMetrics

/// What precedes the series of a family.
package struct FamilyHead: Sendable {
  package let name: [UInt8]
  package let help: String
  /// Such as `bytes`. Nil unless the name ends in it, for a counter before its `_total`: readers
  /// refuse a page with any other unit.
  package let unit: String?
  package let type: ExposedType
  /// Whether no other family uses the name of a counter without its `_total`, so that OpenMetrics
  /// can use it for the family.
  package let hasStem: Bool

  package init(
    _ name: [UInt8], help: String, unit: String? = nil, type: ExposedType, hasStem: Bool = true
  ) {
    self.name = name
    self.help = help
    self.type = type
    self.hasStem = hasStem
    let stem = type == .counter ? FamilyNames.stem(of: name) : nil
    self.unit = unit.flatMap { FamilyHead.isUnit($0, of: stem ?? name) ? $0 : nil }
  }

  /// Whether `name` ends in `_unit`. A unit is one word, whatever characters a name may have.
  static func isUnit(_ unit: String, of name: [UInt8]) -> Bool {
    let word = Array(unit.utf8)
    // After the underscore the first character may be a digit.
    guard !word.isEmpty, SpelledName.isClassic([0x5F] + word) else { return false }
    return SpelledName.removing([0x5F] + word, from: name) != nil
  }
}

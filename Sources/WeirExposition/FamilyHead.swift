/// What stands above the series of a family.
package struct FamilyHead: Sendable {
  package let name: [UInt8]
  package let help: String
  /// Such as `bytes`; shown where the name ends with it.
  package let unit: String?
  package let type: ExposedType
  /// Whether the name of a counter without its `_total` is nobody else's, so that OpenMetrics can call
  /// the family by it.
  package let hasStem: Bool

  package init(
    _ name: [UInt8], help: String, unit: String? = nil, type: ExposedType, hasStem: Bool = true
  ) {
    self.name = name
    self.help = help
    self.unit = unit
    self.type = type
    self.hasStem = hasStem
  }
}

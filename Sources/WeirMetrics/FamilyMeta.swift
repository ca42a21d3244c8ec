/// What senders have told of a metric beside its values.
package struct FamilyMeta: Sendable, Equatable {
  /// Such as `bytes`; nil where none was told.
  package var unit: String?
  package var help: String?

  /// Bytes of either that are taken; what is longer is not kept. A sentence or two.
  package static let bytesMax = 300

  package init(unit: String? = nil, help: String? = nil) {
    self.unit = unit
    self.help = help
  }
}

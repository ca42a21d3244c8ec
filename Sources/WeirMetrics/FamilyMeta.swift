/// What senders have sent about a metric in addition to its values.
package struct FamilyMeta: Sendable, Equatable {
  /// Such as `bytes`; nil if unknown.
  package var unit: String?
  package var help: String?

  /// The most bytes of either text from a client: a sentence or two. Longer ones are not kept.
  package static let bytesMax = 300
  /// The most bytes of a help text from a mapping file.
  package static let mappedHelpBytesMax = 4_096

  package init(unit: String? = nil, help: String? = nil) {
    self.unit = unit
    self.help = help
  }
}

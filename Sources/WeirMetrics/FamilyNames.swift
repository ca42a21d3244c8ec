/// The names that a metric uses in addition to its own: the names of its samples in any format.
///
/// Strict readers refuse a whole page on which two metrics have a sample of the same name, so no
/// two metrics may use the same name.
package enum FamilyNames {
  /// What a histogram or a summary appends to its name. OpenMetrics reserves `_created` for it even
  /// if no such sample is shown.
  package static let observationSuffixes =
    ["_bucket", "_sum", "_count", "_created"].map { Array($0.utf8) }

  private static let total = Array("_total".utf8)
  private static let created = Array("_created".utf8)

  /// The name, and for histograms and summaries also those with their suffixes, as they are
  /// spelled.
  package static func taken(by name: [UInt8], isObservations: Bool) -> [[UInt8]] {
    guard isObservations else { return [name] }
    return [name] + observationSuffixes.map { SpelledName.appending($0, to: name) }
  }

  /// A counter's name without its `_total`; nil if it does not end so, or is nothing else.
  package static func stem(of name: [UInt8]) -> [UInt8]? {
    SpelledName.removing(total, from: name)
  }

  /// `name` with `_created` appended.
  package static func created(_ name: [UInt8]) -> [UInt8] {
    SpelledName.appending(created, to: name)
  }

  /// The counter that OpenMetrics would show with a sample called `name`; nil if there can be none.
  package static func counter(creating name: [UInt8]) -> [UInt8]? {
    SpelledName.removing(created, from: name).map { SpelledName.appending(total, to: $0) }
  }
}

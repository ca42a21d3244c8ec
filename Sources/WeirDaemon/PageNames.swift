import WeirAggregation
import WeirExposition
import WeirMetrics

/// The names of all families of one page, the senders' and Weir's own, as they are stored.
///
/// The names of the samples of histograms and summaries are reserved when the family is created.
/// What a counter is called in OpenMetrics is decided here for each page: it keeps its name and has
/// no type if another family has a name that it would need.
struct PageNames: Sendable {
  private let catalog: Catalog
  private let own: [[UInt8]: ExposedType]

  init(_ catalog: Catalog, own families: [OwnFamily]) {
    self.catalog = catalog
    own = Dictionary(families.map { (Array($0.name.utf8), $0.type) }) { first, _ in first }
  }

  /// Whether a family or one of its samples has this name.
  func isTaken(_ name: [UInt8]) -> Bool {
    if catalog.kind(of: name) != nil || own[name] != nil { return true }
    return FamilyNames.observationSuffixes.contains { suffix in
      SpelledName.removing(suffix, from: name).map(isObservations) ?? false
    }
  }

  /// Whether OpenMetrics can call a counter by its name without `_total`, and have `_created`
  /// there.
  func hasStem(_ name: [UInt8]) -> Bool {
    guard let stem = FamilyNames.stem(of: name) else { return false }
    if isTaken(stem) || isTaken(FamilyNames.created(stem)) { return false }
    // Of the counters `a_total` and `a_created_total`, the first gets its OpenMetrics name.
    return !(FamilyNames.counter(creating: stem).map(isCounter) ?? false)
  }

  private func isCounter(_ name: [UInt8]) -> Bool {
    catalog.kind(of: name) == .counter || own[name] == .counter
  }

  private func isObservations(_ name: [UInt8]) -> Bool {
    catalog.kind(of: name) == .histogram || own[name] == .histogram
  }
}

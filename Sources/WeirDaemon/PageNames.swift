import WeirAggregation
import WeirExposition
import WeirGroups
import WeirMetrics

/// The names of all families of one page, the senders', Weir's own and those of pushed groups, as they are
/// stored.
///
/// The names of the samples of histograms and summaries are reserved when the family is created.
/// What a counter is called in OpenMetrics is decided here for each page: it keeps its name and has
/// no type if another family has a name that it would need.
struct PageNames: Sendable {
  private let catalog: Catalog
  private let own: [[UInt8]: ExposedType]
  private let groups: GroupPage
  /// Whether the page leaves out what groups have beside a metric as its `_created`.
  private let hidesCreated: Bool

  private static let created = Array("_created".utf8)

  /// - Parameter hidesCreated: Whether such a name belongs to the metric: in OpenMetrics, and for strict readers
  ///   of protobuf.
  init(
    _ catalog: Catalog, own families: [OwnFamily], groups: GroupPage = .empty,
    hidesCreated: Bool = false
  ) {
    self.catalog = catalog
    own = Dictionary(families.map { (Array($0.name.utf8), $0.type) }) { first, _ in first }
    self.groups = groups
    self.hidesCreated = hidesCreated
  }

  /// Whether a family of groups is shown.
  func shows(_ family: PushedFamily) -> Bool { !hidesCreated || !isCreated(family.name) }

  /// Whether groups have a gauge with this name, and the page a metric whose `_created` it would be.
  private func isCreated(_ name: [UInt8]) -> Bool {
    guard groups.type(of: name) != nil, type(of: name) == .gauge, catalog.kind(of: name) == nil,
      let stem = SpelledName.removing(PageNames.created, from: name)
    else { return false }
    if type(of: stem)?.isObservations ?? false { return true }
    return FamilyNames.counter(creating: name).map(isCounter) ?? false
  }

  private func type(of name: [UInt8]) -> ExposedType? { own[name] ?? groups.type(of: name) }

  /// Whether a family or one of its samples has this name.
  func isTaken(_ name: [UInt8]) -> Bool {
    if catalog.kind(of: name) != nil { return true }
    if type(of: name) != nil, !hidesCreated || !isCreated(name) { return true }
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
    catalog.kind(of: name) == .counter || type(of: name) == .counter
  }

  private func isObservations(_ name: [UInt8]) -> Bool {
    catalog.kind(of: name) == .histogram || type(of: name)?.isObservations ?? false
  }
}

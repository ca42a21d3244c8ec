import WeirMetrics

/// Which names there are and what kind each has: the first to come decides, for good.
struct FamilyRegistry: ~Copyable {
  private struct Family {
    let kind: MetricKind
    /// Whether the series without labels is one of Weir's own.
    let isOwn: Bool
  }

  private var families: [[UInt8]: Family] = [:]
  /// The names that a histogram is exposed under beside its own.
  private var madeByHistograms: Set<[UInt8]> = []
  private(set) var seriesCount = 0
  private let seriesMax: Int

  private static let ownPrefix = Array("weir_".utf8)
  private static let histogramSuffixes = ["_bucket", "_sum", "_count"].map { Array($0.utf8) }

  init(limits: Limits) {
    seriesMax = limits.seriesMax
  }

  /// Keeps `name`, without labels, for a metric of Weir's own.
  mutating func reserve(_ name: [UInt8], kind: MetricKind) {
    families[name] = Family(kind: kind, isOwn: true)
  }

  /// Lets a new series in, and its name with it.
  ///
  /// - Throws: `reservedName`, `typeClash`, `tooManySeries`; nothing has changed then.
  mutating func admit(
    name: [UInt8], kind: MetricKind, hasLabels: Bool
  ) throws(Refusal) {
    if name.starts(with: FamilyRegistry.ownPrefix) { throw .reservedName }
    if let family = families[name] {
      if family.kind != kind { throw .typeClash }
      if family.isOwn && !hasLabels { throw .reservedName }
    } else {
      try checkNewName(name, kind: kind)
    }
    guard seriesCount < seriesMax else { throw .tooManySeries }
    seriesCount += 1
    guard families[name] == nil else { return }
    families[name] = Family(kind: kind, isOwn: false)
    if kind == .histogram {
      for suffix in FamilyRegistry.histogramSuffixes { madeByHistograms.insert(name + suffix) }
    }
  }

  private func checkNewName(_ name: [UInt8], kind: MetricKind) throws(Refusal) {
    if madeByHistograms.contains(name) { throw .typeClash }
    guard kind == .histogram else { return }
    for suffix in FamilyRegistry.histogramSuffixes where families[name + suffix] != nil {
      throw .typeClash
    }
  }
}

import WeirMetrics

/// Which names there are and what kind each has: the first to come decides, for good.
struct FamilyRegistry: ~Copyable {
  private struct Family {
    let kind: MetricKind
    /// Whether the series without labels is one of Weir's own.
    let isOwn: Bool
  }

  private var families: [[UInt8]: Family] = [:]
  private var seriesCount = 0
  private var exposedBytes = 0
  private let limits: Limits
  /// Lines that a histogram takes in a scrape.
  private let linesPerHistogram: Int

  private static let ownPrefix = Array("weir_".utf8)
  /// What Prometheus writes for each target, or for alerts: a scraped series of the same name would
  /// take the place of its own.
  private static let prometheusNames = Set(
    [
      "up", "ALERTS", "ALERTS_FOR_STATE", "scrape_duration_seconds", "scrape_samples_scraped",
      "scrape_samples_post_metric_relabeling", "scrape_series_added", "scrape_timeout_seconds",
      "scrape_sample_limit", "scrape_body_size_bytes",
    ].map { Array($0.utf8) })
  private static let histogramSuffixes = ["_bucket", "_sum", "_count"].map { Array($0.utf8) }

  init(limits: Limits, bounds: HistogramBounds) {
    self.limits = limits
    linesPerHistogram = bounds.bucketCount + 2
  }

  /// Keeps `name`, without labels, for a metric of Weir's own.
  mutating func reserve(_ name: [UInt8], kind: MetricKind) {
    families[name] = Family(kind: kind, isOwn: true)
  }

  /// Lets a new series in, and its name with it.
  ///
  /// - Throws: `reservedName`, `typeClash`, `tooManySeries`; nothing has changed then.
  mutating func admit(
    name: [UInt8], kind: MetricKind, hasLabels: Bool, seriesBytes: Int
  ) throws(Refusal) {
    if name.starts(with: FamilyRegistry.ownPrefix) { throw .reservedName }
    if FamilyRegistry.prometheusNames.contains(name) { throw .reservedName }
    if let family = families[name] {
      if family.kind != kind { throw .typeClash }
      if family.isOwn && !hasLabels { throw .reservedName }
    } else {
      try checkNewName(name, kind: kind)
    }
    let bytes = exposedBytes + seriesBytes * (kind == .histogram ? linesPerHistogram : 1)
    guard seriesCount < limits.seriesMax, bytes <= limits.exposedBytesMax else {
      throw .tooManySeries
    }
    seriesCount += 1
    exposedBytes = bytes
    if families[name] == nil { families[name] = Family(kind: kind, isOwn: false) }
  }

  private func checkNewName(_ name: [UInt8], kind: MetricKind) throws(Refusal) {
    for suffix in FamilyRegistry.histogramSuffixes {
      if name.suffix(suffix.count).elementsEqual(suffix),
        families[Array(name.dropLast(suffix.count))]?.kind == .histogram
      {
        throw .typeClash
      }
      if kind == .histogram, families[name + suffix] != nil { throw .typeClash }
    }
  }
}

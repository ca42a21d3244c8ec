/// All that decides how a series is kept and shown, beside its name and labels.
///
/// The series of one class of a shard lie in one table. Where a class comes from (flags, rules, the bounds
/// of a client that pushes) is known to `SeriesRules` alone.
package struct SeriesClass: Sendable, Hashable {
  package let kind: MetricKind
  /// The classic buckets of a histogram. Without bounds where there are none: in other kinds, in summaries,
  /// and where native histograms stand alone. Then all that is counted is in the bucket `+Inf`.
  package let layout: HistogramBounds
  /// What is made of a histogram's observations.
  package let observer: Observer
  /// Seconds without an update after which a series expires; nil for never.
  package let lifetimeSeconds: UInt32?

  /// A class of a kind. What the kind or the observer has no use for is left out, so that classes that mean
  /// the same are equal.
  package init(
    _ kind: MetricKind, layout: HistogramBounds = .standard, observer: Observer = .buckets,
    lifetimeSeconds: UInt32? = nil
  ) {
    self.kind = kind
    self.layout = kind == .histogram && observer.keepsBuckets ? layout : .none
    self.observer = kind == .histogram ? observer : .buckets
    self.lifetimeSeconds = lifetimeSeconds
  }

  /// Lines that a series takes in a scrape's text.
  package var linesPerSeries: Int {
    guard kind == .histogram else { return 1 }
    return (observer.summary?.quantiles.count ?? layout.bucketCount) + 2
  }
}

/// What is made of observations, which are a line's timings, distributions and histogram values.
package enum Observer: Sendable, Hashable {
  /// A histogram with classic buckets.
  case buckets
  /// A native histogram, beside the classic buckets or alone.
  case native(NativeOptions, keepsBuckets: Bool)
  /// A summary.
  case summary(SummaryOptions)

  /// Whether there are classic buckets.
  package var keepsBuckets: Bool {
    switch self {
    case .buckets: true
    case .native(_, let keepsBuckets): keepsBuckets
    case .summary: false
    }
  }

  /// How native histograms are kept; nil where they are not.
  package var native: NativeOptions? {
    if case .native(let options, _) = self { options } else { nil }
  }

  /// How summaries are kept; nil where observations become histograms.
  package var summary: SummaryOptions? {
    if case .summary(let options) = self { options } else { nil }
  }

  /// Whether a series keeps more than its row of numbers.
  package var keepsMore: Bool { self != .buckets }

  /// The label that tells a series' own lines apart, which no sender may have.
  package var ownLabel: String { summary == nil ? "le" : "quantile" }
}

/// How native histograms are kept.
package struct NativeOptions: Sendable, Hashable {
  /// The finest that a histogram is ever in.
  package var schema: ExponentialSchema
  /// Positive and negative buckets of one series. At the coarsest schema there may be more:
  /// `ExponentialSchema.coarsestBuckets`.
  package var bucketsMax: Int

  /// Of 12 bytes each, so that no series takes more than 4 KiB. A factor of 1.1 between two bounds lets
  /// them span a million from the least to the greatest.
  package static let bucketsMaxDefault = 160

  package init(
    schema: ExponentialSchema = ExponentialSchema(growthFactor: 1.1),
    bucketsMax: Int = NativeOptions.bucketsMaxDefault
  ) {
    self.schema = schema
    self.bucketsMax = bucketsMax
  }
}

/// How summaries are kept.
package struct SummaryOptions: Sendable, Hashable {
  /// Ascending, from 0 to 1.
  package var quantiles: [Double]
  /// The greatest age of the observations that the quantiles are of.
  package var maxAgeSeconds: Int
  /// In how many steps observations leave.
  package var ageBuckets: Int

  /// - Precondition: the quantiles are from 0 to 1 and strictly ascending, there is an age bucket, and
  ///   each of them lasts for a second at least.
  package init(
    quantiles: [Double] = [0.5, 0.9, 0.99], maxAgeSeconds: Int = 600, ageBuckets: Int = 5
  ) {
    precondition(quantiles.allSatisfy { (0...1).contains($0) })
    precondition(zip(quantiles, quantiles.dropFirst()).allSatisfy(<))
    precondition(ageBuckets > 0 && maxAgeSeconds >= ageBuckets)
    self.quantiles = quantiles
    self.maxAgeSeconds = maxAgeSeconds
    self.ageBuckets = ageBuckets
  }
}

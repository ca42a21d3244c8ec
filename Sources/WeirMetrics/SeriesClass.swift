/// Everything that decides how a series is kept and shown, except its name and labels.
///
/// The series of one class in a shard are in one table. Only `SeriesRules` knows where a class
/// comes from: flags, rules, or the bounds of a client that pushes.
package struct SeriesClass: Sendable, Hashable {
  package let kind: MetricKind
  /// The classic buckets of a histogram. It has no bounds for other kinds, for summaries, and for
  /// native histograms without classic buckets. Then all observations are in the bucket `+Inf`.
  package let layout: HistogramBounds
  /// How a histogram's observations are kept.
  package let observer: Observer
  /// How long a set counts its members.
  package let sets: SetOptions
  /// Seconds without an update after which a series expires; nil for never.
  package let lifetimeSeconds: UInt32?

  /// Makes a class. Settings that the kind or the observer does not use are cleared, so that
  /// classes with the same meaning are equal.
  package init(
    _ kind: MetricKind, layout: HistogramBounds = .standard, observer: Observer = .buckets,
    sets: SetOptions = SetOptions(), lifetimeSeconds: UInt32? = nil
  ) {
    self.kind = kind
    self.layout = kind == .histogram && observer.keepsBuckets ? layout : .none
    self.observer = kind == .histogram ? observer : .buckets
    self.sets = kind == .set ? sets : SetOptions()
    self.lifetimeSeconds = lifetimeSeconds
  }

  /// The number of lines of a series in a text scrape.
  package var linesPerSeries: Int {
    guard kind == .histogram else { return 1 }
    return (observer.summary?.quantiles.count ?? layout.bucketCount) + 2
  }
}

/// How observations are kept: the values of a line's timings, distributions and histograms.
package enum Observer: Sendable, Hashable {
  /// A histogram with classic buckets.
  case buckets
  /// A native histogram, with or without classic buckets.
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

  /// How native histograms are kept; nil if there are none.
  package var native: NativeOptions? {
    if case .native(let options, _) = self { options } else { nil }
  }

  /// How summaries are kept; nil if observations become histograms.
  package var summary: SummaryOptions? {
    if case .summary(let options) = self { options } else { nil }
  }

  /// Whether a series keeps more than its row of numbers.
  package var keepsMore: Bool { self != .buckets }

  /// The label that distinguishes a series' own lines. Senders may not use it.
  package var ownLabel: String { summary == nil ? "le" : "quantile" }
}

/// How native histograms are kept.
package struct NativeOptions: Sendable, Hashable {
  /// The finest schema of a histogram.
  package var schema: ExponentialSchema
  /// The most positive and negative buckets of one series. At the coarsest schema there may be
  /// more: `ExponentialSchema.coarsestBuckets`.
  package var bucketsMax: Int

  /// A bucket takes 12 bytes, so that no series takes more than 4 KiB. With a factor of 1.1 between
  /// two bounds they cover a range of a million to one.
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
  /// The greatest age of the observations that the quantiles are computed from.
  package var maxAgeSeconds: Int
  /// The number of steps in which old observations are removed.
  package var ageBuckets: Int

  /// - Precondition: the quantiles are from 0 to 1 and strictly ascending. There is at least one
  ///   age bucket, and each lasts at least one second.
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

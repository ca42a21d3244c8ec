/// What a rule, or the defaults of a file, say about the class of the series that come of it. What they do not
/// say is nil.
package struct ClassSettings: Sendable, Equatable {
  /// What observations become.
  package enum Observing: String, Sendable {
    case histogram, summary
  }

  /// Native histograms beside the classic buckets.
  package enum Native: Sendable, Equatable {
    /// None, whatever the flags say: the factor is 1 or less.
    case off
    /// With the factor between neighbouring bounds and the most buckets, as far as they are said.
    case on(factor: Double?, bucketsMax: Int?)
  }

  package var observing: Observing?
  package var bounds: HistogramBounds?
  package var native: Native?
  /// Ascending, from 0 to 1.
  package var quantiles: [Double]?
  package var maxAgeSeconds: Int?
  package var ageBuckets: Int?
  /// Seconds without an update after which a series expires.
  package var lifetimeSeconds: UInt32?
  /// Seconds that a set looks back; 0 for all since the start.
  package var setWindowSeconds: Int?

  package init() {}

  /// These settings, completed by those of the file's defaults.
  package func over(_ defaults: ClassSettings) -> ClassSettings {
    var settings = self
    settings.observing = observing ?? defaults.observing
    settings.bounds = bounds ?? defaults.bounds
    settings.native = Self.native(native, over: defaults.native)
    settings.quantiles = quantiles ?? defaults.quantiles
    settings.maxAgeSeconds = maxAgeSeconds ?? defaults.maxAgeSeconds
    settings.ageBuckets = ageBuckets ?? defaults.ageBuckets
    settings.lifetimeSeconds = lifetimeSeconds ?? defaults.lifetimeSeconds
    settings.setWindowSeconds = setWindowSeconds ?? defaults.setWindowSeconds
    return settings
  }

  private static func native(_ own: Native?, over defaults: Native?) -> Native? {
    guard case .on(let factor, let most) = own else { return own ?? defaults }
    guard case .on(let otherFactor, let otherMost) = defaults else {
      // Without a factor of its own, a rule does not turn on what the defaults turn off.
      return factor == nil ? defaults ?? own : own
    }
    return .on(factor: factor ?? otherFactor, bucketsMax: most ?? otherMost)
  }
}

extension ClassSettings {
  /// How observations are kept.
  ///
  /// - Parameters:
  ///   - flags: What flags say of the name, for all that the file leaves open.
  ///   - options: Details that flags give for native histograms and summaries.
  func observer(over flags: Observer, _ options: SeriesRules.Details) -> Observer {
    let wantsSummary = observing.map { $0 == .summary } ?? (flags.summary != nil)
    if wantsSummary { return .summary(summary(over: flags.summary ?? options.summary)) }
    // Flags may make summaries of this name; then they say nothing about native histograms.
    let flags = flags.summary == nil ? flags : options.histogram
    // Bounds that a file names are kept even where flags keep native histograms alone.
    let keepsBuckets = flags.keepsBuckets || bounds != nil
    switch native {
    case .off: return .buckets
    case .on(let factor, let most):
      let other = flags.native
      return .native(
        NativeOptions(
          schema: factor.map(ExponentialSchema.init(growthFactor:))
            ?? other?.schema ?? NativeOptions().schema,
          bucketsMax: most ?? other?.bucketsMax ?? NativeOptions.bucketsMaxDefault),
        keepsBuckets: keepsBuckets)
    case nil: return flags.native.map { .native($0, keepsBuckets: keepsBuckets) } ?? .buckets
    }
  }

  /// An age bucket lasts a second at least, so that a short age has fewer of them.
  private func summary(over flags: SummaryOptions) -> SummaryOptions {
    let age = maxAgeSeconds ?? flags.maxAgeSeconds
    return SummaryOptions(
      quantiles: quantiles ?? flags.quantiles, maxAgeSeconds: age,
      ageBuckets: min(age, ageBuckets ?? flags.ageBuckets))
  }
}

import WeirConfiguration
import WeirMetrics

extension Observations {
  /// What the command line asks for.
  init(_ options: Options) {
    switch options.observe {
    case .summary:
      self = .summary(
        SummaryOptions(
          quantiles: options.summary.quantiles, maxAgeSeconds: options.summary.maxAgeSeconds,
          ageBuckets: options.summary.ageBuckets))
    case .histogram:
      let native = NativeOptions(
        schema: ExponentialSchema(growthFactor: options.histogram.nativeFactor),
        bucketsMax: options.histogram.nativeMaxBuckets)
      self = .histogram(
        .standard, native: options.histogram.native == .off ? nil : native,
        keepsClassic: options.histogram.native != .only)
    }
  }
}

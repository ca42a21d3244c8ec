import WeirConfiguration
import WeirMetrics

extension Observations {
  /// What the command line asks for.
  init(_ options: Options) {
    let rules = options.rules
    switch rules.defaultObserver {
    case .summary(let summary): self = .summary(summary)
    case .buckets: self = .histogram(rules.defaultBounds)
    case .native(let native, let keepsBuckets):
      self = .histogram(rules.defaultBounds, native: native, keepsClassic: keepsBuckets)
    }
  }
}

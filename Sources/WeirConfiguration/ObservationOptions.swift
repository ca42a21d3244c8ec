import WeirMetrics

/// What happens to observations, which are timings, distributions and histogram values:
/// `--observe`, `--histogram.*` and `--summary.*`.
package struct ObservationOptions: Sendable, Equatable {
  package var observe = Observe.histogram
  package var native = NativeHistograms.off

  /// The greatest ratio between neighbouring bounds of native buckets: above 1.
  package var nativeFactor = 1.1
  /// Native buckets of one series, from 1 to `FlagBounds.nativeBucketsMax`.
  package var nativeBucketsMax = NativeOptions.bucketsMaxDefault
  package var summary = SummaryOptions()
  package var bounds = HistogramBounds.standard

  /// By name, in the order of the command line.
  package var boundsByName: [SeriesRules.Rule<HistogramBounds>] = []
  package var choicesByName: [SeriesRules.Rule<Choice>] = []

  /// What `--observe` or `--histogram.native` says of the names that a glob matches.
  package enum Choice: Sendable, Equatable {
    case observe(Observe)
    case native(NativeHistograms)

    /// The flag that says it.
    var flag: String {
      switch self {
      case .observe: "observe"
      case .native: "histogram.native"
      }
    }
  }

  package init() {}

  /// What is made of observations of names that no glob matches.
  var defaultObserver: Observer { observer(observe) }

  func observer(_ choice: Choice) -> Observer {
    switch choice {
    case .observe(let observe): observer(observe)
    case .native(let native): histogram(native)
    }
  }

  private func observer(_ observe: Observe) -> Observer {
    switch observe {
    case .histogram: histogram(native)
    case .summary: .summary(summary)
    }
  }

  private func histogram(_ native: NativeHistograms) -> Observer {
    let options = NativeOptions(
      schema: ExponentialSchema(growthFactor: nativeFactor), bucketsMax: nativeBucketsMax)
    return switch native {
    case .off: .buckets
    case .both: .native(options, keepsBuckets: true)
    case .only: .native(options, keepsBuckets: false)
    }
  }
}

/// What observations become.
package enum Observe: String, CaseIterable, Sendable {
  case histogram, summary
}

/// Whether histograms are native ones.
package enum NativeHistograms: String, CaseIterable, Sendable {
  case off
  /// In addition to the classic buckets.
  case both
  /// Instead of them.
  case only
}

extension Options {
  /// How the series of each name are kept.
  package var rules: SeriesRules {
    var rules = SeriesRules()
    rules.defaultBounds = observations.bounds
    rules.bounds = observations.boundsByName
    rules.defaultObserver = observations.defaultObserver
    rules.observers = observations.choicesByName.map {
      SeriesRules.Rule($0.glob, observations.observer($0.value))
    }
    rules.details.summary = observations.summary
    rules.details.histogram = observations.observer(.native(observations.native))
    rules.sets = sets
    rules.lifetimes = series.lifetimes
    rules.lifetimesByName = series.lifetimesByName
    return rules
  }
}

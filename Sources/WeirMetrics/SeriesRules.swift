/// Which class a series has, by the name of its metric, as flags and mapping rules say.
///
/// If several rules of one sort match a name, the first one applies.
package struct SeriesRules: Sendable, Equatable {
  /// A rule of one sort.
  package struct Rule<Value: Sendable & Equatable>: Sendable, Equatable {
    package let glob: NameGlob
    package let value: Value

    package init(_ glob: NameGlob, _ value: Value) {
      self.glob = glob
      self.value = value
    }
  }

  /// The bounds of histograms without bounds from a rule or a client.
  package var defaultBounds = HistogramBounds.standard
  /// How observations are kept for names that no rule matches.
  package var defaultObserver = Observer.buckets
  /// How long sets count their members, where a mapping rule does not say otherwise.
  package var sets = SetOptions()
  /// Lifetimes of names that no rule matches.
  package var lifetimes = SeriesLifetimes()

  /// Bounds of histograms. They override a client's bounds.
  package var bounds: [Rule<HistogramBounds>] = []
  package var observers: [Rule<Observer>] = []
  /// Seconds without an update after which a series expires; nil for never.
  package var lifetimesByName: [Rule<UInt32?>] = []

  /// How summaries and histograms are kept where a mapping rule asks for them and flags ask for the other.
  package struct Details: Sendable, Equatable {
    package var summary = SummaryOptions()
    package var histogram = Observer.buckets

    package init() {}
  }

  package var details = Details()

  /// Whether series are forwarded, so that what mapping rules ask for is limited: see `forwarding`.
  var isForwarding = false

  package init() {}

  /// The class of a metric's series.
  ///
  /// - Parameters:
  ///   - name: As a scrape shows it, without quotes.
  ///   - asked: What a client or a mapping rule asks for. Flags for a name win over a client's bounds, and a
  ///     mapping rule wins over flags.
  /// - Complexity: O(rules).
  package func seriesClass(
    of kind: MetricKind, named name: [UInt8], asked: AskedClass = .nothing
  ) -> SeriesClass {
    // A rule's nil means never.
    let rule = SeriesRules.first(lifetimesByName, name)
    let settings: ClassSettings? = if case .settings(let settings) = asked { settings } else { nil }
    let asksForLifetime = !isForwarding || kind == .set
    let lifetime =
      (asksForLifetime ? settings?.lifetimeSeconds : nil) ?? rule.map(\.value) ?? lifetimes[kind]
    guard kind == .histogram else {
      let window = settings?.setWindowSeconds.map(SetOptions.init(windowSeconds:))
      return SeriesClass(kind, sets: window ?? sets, lifetimeSeconds: lifetime)
    }
    let pushed: HistogramBounds? = if case .bounds(let bounds) = asked { bounds } else { nil }
    return SeriesClass(
      kind,
      layout: settings?.bounds ?? SeriesRules.first(bounds, name)?.value ?? pushed ?? defaultBounds,
      observer: asked.observer(of: name, self), lifetimeSeconds: lifetime)
  }

  /// The class of names that no rule matches.
  package func defaultClass(of kind: MetricKind) -> SeriesClass {
    SeriesClass(
      kind, layout: defaultBounds, observer: defaultObserver, sets: sets,
      lifetimeSeconds: lifetimes[kind])
  }

  /// How a metric's observations are kept.
  package func observer(of name: [UInt8]) -> Observer {
    SeriesRules.first(observers, name)?.value ?? defaultObserver
  }

  /// Buckets of the widest histogram that the rules make. Clients' bounds are not included.
  package var bucketCountMax: Int {
    bounds.reduce(defaultBounds.bucketCount) { max($0, $1.value.bucketCount) }
  }

  /// The most classes that the rules can make, clients' bounds apart.
  package var classCountMax: Int {
    let lifetimes = 1 + lifetimesByName.count
    let histograms = (1 + bounds.count) * (1 + observers.count)
    return (MetricKind.allCases.count - 1 + histograms) * lifetimes
  }

  /// Whether all names have the same observer.
  package var hasOneObserver: Bool { observers.isEmpty }

  private static func first<Value>(_ rules: [Rule<Value>], _ name: [UInt8]) -> Rule<Value>? {
    rules.first { $0.glob.matches(name) }
  }
}

extension SeriesRules {
  /// Rules that give every name the same bounds and the same observer.
  package static func all(
    bounds: HistogramBounds = .standard, observer: Observer = .buckets,
    sets: SetOptions = SetOptions(), lifetimes: SeriesLifetimes = SeriesLifetimes()
  ) -> SeriesRules {
    var rules = SeriesRules()
    rules.defaultBounds = bounds
    rules.defaultObserver = observer
    rules.sets = sets
    rules.lifetimes = lifetimes
    return rules
  }
}

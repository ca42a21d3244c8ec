import WeirMetrics

extension Flag {
  /// The flags of what happens to observations.
  static let observations: [Flag] = [
    observe,
    histogramBounds,
    native,
    Flag(
      name: "histogram.native-factor", kind: .value(metavariable: "FACTOR", repeatable: false),
      help: """
        Greatest ratio between neighbouring bounds of native buckets. Prometheus' schema is the \
        coarsest from -4 to 8 that stays below it.
        """,
      shown: { "\($0.observations.nativeFactor)" },
      set: { value, _, options throws(UsageError) in
        options.observations.nativeFactor = try nativeFactor(value)
      }),
    .count(
      "histogram.native-max-buckets", \.observations.nativeBucketsMax, of: "buckets",
      upTo: FlagBounds.nativeBucketsMax,
      help: """
        Native buckets of one series. With more, they become twice as wide, down to the coarsest \
        schema, whose 144 buckets cover every number.
        """),
    Flag(
      name: "summary.quantiles", kind: .value(metavariable: "LIST", repeatable: false),
      help: "Quantiles of a summary, separated by commas.",
      shown: { $0.observations.summary.quantiles.map { "\($0)" }.joined(separator: ",") },
      set: { value, _, options throws(UsageError) in
        options.observations.summary.quantiles = try quantiles(value)
      }),
    .seconds(
      "summary.max-age", \.observations.summary.maxAgeSeconds, in: FlagBounds.summaryAgeSeconds,
      subject: "how long a summary can look back", example: "10m",
      help: "How long an observation counts in a summary's quantiles."),
    .count(
      "summary.age-buckets", \.observations.summary.ageBuckets, of: "age buckets",
      upTo: FlagBounds.ageBucketsMax,
      help: "Number of steps in which old observations leave a summary."),
    .seconds(
      "set.window", \.sets.windowSeconds, in: FlagBounds.setWindowSeconds,
      zero: "for all since the start",
      subject: "how long a set can look back", example: "5m",
      help: """
        A set shows how many distinct members were seen in this time, which moves in five steps; \
        0 counts all since the start.
        """),
  ]

  /// `--observe`
  private static let observe = Flag(
    name: "observe",
    kind: .value(metavariable: "[NAME-GLOB=]\(Observe.usage)", repeatable: true),
    help: """
      What timings, distributions and histogram values become: histograms, or summaries, whose \
      quantiles can't be added up over series. With a NAME-GLOB such as llm_* it applies to the \
      metrics whose names, as a scrape shows them, it matches; * is any run of characters. The \
      first glob that matches a name decides, of this flag and --histogram.native together.
      """,
    shown: { $0.observations.observe.word },
    set: { text, earlier, options throws(UsageError) in
      let parts = NamedValue(text)
      let observe = try Observe.parse(parts.value, flag: "observe")
      if let key = parts.key {
        try options.observations.add(.observe(observe), for: key)
      } else {
        try checkOnlyDefault("observe", earlier)
        options.observations.observe = observe
      }
    })

  /// `--histogram.native`
  private static let native = Flag(
    name: "histogram.native",
    kind: .optionalValue(
      metavariable: "[NAME-GLOB=]\(NativeHistograms.usage)", alone: NativeHistograms.both.word,
      repeatable: true),
    help: """
      Keep histograms also as native ones (both, which --histogram.native alone means as well), or \
      only as native ones (only). Only scrapes in protobuf show them. With a NAME-GLOB, the \
      observations of these names become such histograms, whatever --observe says of all names.
      """,
    shown: { $0.observations.native.word },
    set: { text, earlier, options throws(UsageError) in
      let parts = NamedValue(text)
      let native = try NativeHistograms.parse(parts.value, flag: "histogram.native")
      if let key = parts.key {
        try options.observations.add(.native(native), for: key)
      } else {
        try checkOnlyDefault("histogram.native", earlier)
        options.observations.native = native
      }
    })
}

extension ObservationOptions {
  fileprivate mutating func add(_ choice: Choice, for key: String) throws(UsageError) {
    let glob = try Flag.glob(key, flag: choice.flag)
    try Flag.checkApplies(glob, after: choicesByName.map(\.glob), flag: choice.flag)
    choicesByName.append(SeriesRules.Rule(glob, choice))
  }
}

extension Options {
  /// Checks what no single flag can check.
  func checkObservations() throws(UsageError) {
    // A rule of a mapping file may ask for histograms.
    let keepsHistograms =
      observations.observe == .histogram || statsd.mappingFile != nil
      || observations.choicesByName.contains { $0.value == .observe(.histogram) }
    if observations.native != .off, !keepsHistograms {
      throw UsageError(
        "--histogram.native has no effect with --observe=summary; leave one of the two out")
    }
    let summary = observations.summary
    precondition(summary.maxAgeSeconds >= summary.ageBuckets)
  }
}

/// A number without sign and exponent.
func plainNumber(_ text: some StringProtocol) -> Double? {
  guard text.allSatisfy({ "0"..."9" ~= $0 || $0 == "." }) else { return nil }
  return Double(text)
}

private func nativeFactor(_ value: String) throws(UsageError) -> Double {
  guard let factor = plainNumber(value), factor > 1, factor <= FlagBounds.nativeFactorMax else {
    throw UsageError(
      "--histogram.native-factor: \(value.quoted) is not a ratio of bounds; "
        + "write a number above 1 and up to \(Int(FlagBounds.nativeFactorMax)), such as 1.1")
  }
  return factor
}

private func quantiles(_ value: String) throws(UsageError) -> [Double] {
  var quantiles: [Double] = []
  for text in value.split(separator: ",", omittingEmptySubsequences: false) {
    guard let quantile = plainNumber(text), quantile <= 1 else {
      throw UsageError(
        "--summary.quantiles: \(String(text).quoted) is not a quantile; "
          + "write numbers from 0 to 1, separated by commas, such as 0.5,0.9,0.99")
    }
    guard !quantiles.contains(quantile) else {
      throw UsageError(
        "--summary.quantiles: \(String(text).quoted) is given twice; leave one of them out")
    }
    quantiles.append(quantile)
  }
  guard quantiles.count <= FlagBounds.quantilesMax else {
    throw UsageError(
      "--summary.quantiles: there are \(quantiles.count) of them; "
        + "write \(FlagBounds.quantilesMax) at most")
  }
  return quantiles.sorted()
}

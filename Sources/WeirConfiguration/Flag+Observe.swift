extension Flag {
  /// The flags of what becomes of observations.
  static let observe: [Flag] = [
    .choice(
      "observe", \.observe,
      help: """
        What timings, distributions and histogram values become: histograms, or summaries, whose \
        quantiles can't be added up over series.
        """),
    .choice(
      "histogram.native", \.histogram.native, alone: .both,
      help: """
        Keep histograms as native ones too (both, which --histogram.native alone means as well), or \
        without classic buckets (only). A scrape in protobuf shows them.
        """),
    Flag(
      name: "histogram.native-factor", kind: .value(metavariable: "FACTOR", repeatable: false),
      help: """
        How far the bounds of native buckets may be apart in ratio: Prometheus' schema is the \
        coarsest from -4 to 8 that keeps within it.
        """,
      shown: { "\($0.histogram.nativeFactor)" },
      set: { value, _, options throws(UsageError) in
        options.histogram.nativeFactor = try nativeFactor(value)
      }),
    .count(
      "histogram.native-max-buckets", \.histogram.nativeMaxBuckets, of: "buckets",
      upTo: Limits.nativeBucketsMax,
      help: """
        Native buckets of one series. Where there are more, they become twice as wide, until the \
        coarsest schema, of which 144 hold every number.
        """),
    Flag(
      name: "summary.quantiles", kind: .value(metavariable: "LIST", repeatable: false),
      help: "Quantiles of a summary, with commas between.",
      shown: { $0.summary.quantiles.map { "\($0)" }.joined(separator: ",") },
      set: { value, _, options throws(UsageError) in
        options.summary.quantiles = try quantiles(value)
      }),
    .number(
      "summary.max-age", "DURATION", \.summary.maxAgeSeconds,
      help: "How long a summary's quantiles tell of an observation.",
      shown: TimeSpan.text(seconds:), parse: summaryAge),
    .count(
      "summary.age-buckets", \.summary.ageBuckets, of: "age buckets", upTo: Limits.ageBucketsMax,
      help: "In how many steps observations leave a summary, once they are too old."),
    .number(
      "set.window", "DURATION", \.set.windowSeconds,
      help: """
        A set shows how many distinct members were seen in this time, which moves in five steps; \
        0 counts all since the start.
        """,
      shown: TimeSpan.text(seconds:), parse: setWindow),
  ]
}

extension Options {
  /// Holds against each other what no flag can tell by itself.
  func checkObservations() throws(UsageError) {
    guard observe == .summary, histogram.native != .off else { return }
    throw UsageError(
      "--histogram.native has no histograms to keep with --observe=summary; "
        + "leave one of the two out")
  }
}

/// A number without sign, exponent and other ornaments.
private func plainNumber(_ text: some StringProtocol) -> Double? {
  guard text.allSatisfy({ "0"..."9" ~= $0 || $0 == "." }) else { return nil }
  return Double(text)
}

private func nativeFactor(_ value: String) throws(UsageError) -> Double {
  guard let factor = plainNumber(value), factor > 1, factor <= Limits.nativeFactorMax else {
    throw UsageError(
      "--histogram.native-factor: \(value.quoted) is not how far bounds can be apart; "
        + "write a number above 1 and up to \(Int(Limits.nativeFactorMax)), such as 1.1")
  }
  return factor
}

private func quantiles(_ value: String) throws(UsageError) -> [Double] {
  var quantiles: [Double] = []
  for text in value.split(separator: ",", omittingEmptySubsequences: false) {
    guard let quantile = plainNumber(text), quantile <= 1 else {
      throw UsageError(
        "--summary.quantiles: \(String(text).quoted) is not a quantile; "
          + "write numbers from 0 to 1 with commas between, such as 0.5,0.9,0.99")
    }
    guard !quantiles.contains(quantile) else {
      throw UsageError(
        "--summary.quantiles: \(String(text).quoted) is given twice; leave one of them out")
    }
    quantiles.append(quantile)
  }
  guard quantiles.count <= Limits.quantilesMax else {
    throw UsageError(
      "--summary.quantiles: there are \(quantiles.count) of them; "
        + "write \(Limits.quantilesMax) at most")
  }
  return quantiles.sorted()
}

/// What is no whole number of seconds is rounded up, because the clock of this counts seconds.
private func setWindow(_ value: String) throws(UsageError) -> Int? {
  let range = Limits.setWindowSeconds
  let milliseconds = TimeSpan.milliseconds(value)
  if milliseconds == 0 { return 0 }
  guard let milliseconds,
    range.lowerBound * 1_000...range.upperBound * 1_000 ~= milliseconds
  else {
    throw UsageError(
      "--set.window: \(value.quoted) is not how long a set can look back; "
        + "write a duration from \(TimeSpan.text(seconds: range.lowerBound)) to "
        + "\(TimeSpan.text(seconds: range.upperBound)), such as 5m, or 0 for all since the start")
  }
  return (milliseconds + 999) / 1_000
}

/// What is no whole number of seconds is rounded up, for the clock of this counts seconds.
private func summaryAge(_ value: String) throws(UsageError) -> Int? {
  let range = Limits.summaryAgeSeconds
  guard let milliseconds = TimeSpan.milliseconds(value),
    range.lowerBound * 1_000...range.upperBound * 1_000 ~= milliseconds
  else {
    throw UsageError(
      "--summary.max-age: \(value.quoted) is not how long a summary can look back; "
        + "write a duration from \(TimeSpan.text(seconds: range.lowerBound)) to "
        + "\(TimeSpan.text(seconds: range.upperBound)), such as 10m")
  }
  return (milliseconds + 999) / 1_000
}

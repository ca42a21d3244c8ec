import WeirMetrics

extension Flag {
  /// The flags of what happens to series over time.
  static let series: [Flag] = [
    Flag(
      name: "series.ttl",
      kind: .value(metavariable: "[KIND=|NAME-GLOB=]DURATION", repeatable: true),
      help: """
        Remove a series after this time without an update, such as 90s, 5m, 1h30m or 7d; 0 keeps it \
        forever. With a KIND (counter, gauge, histogram or set) it applies to that kind, without \
        one to all other kinds. With a NAME-GLOB such as job_* it applies to the metrics whose \
        names, as a scrape shows them, it matches, of every kind; the first glob that matches a \
        name decides. A series that comes back begins from 0, and so does a gauge that is changed \
        by a sign.
        """,
      shown: { options in
        MetricKind.allCases.map { kind in
          let seconds = Int(options.series.lifetimes[kind] ?? 0)
          return "\(kind.label)=\(TimeSpan.text(seconds: seconds))"
        }.joined(separator: " ")
      },
      set: setTTL),
    .seconds(
      "series.zero-first", \.series.zeroFirstSeconds, in: 0...FlagBounds.zeroFirstSecondsMax,
      zero: "for not at all", subject: "how long a new series can be shown as 0", example: "30s",
      help: """
        Show a new counter, histogram or summary as 0 in every scrape until it has this age, such as \
        30s; 0 shows its first value at once. Prometheus' increase() counts from the first value that \
        it sees, so without this it misses what a series begins with. Choose more than the longest \
        scrape interval.
        """),
  ]

  private static func setTTL(
    _ text: String, _ earlier: [String], _ options: inout Options
  ) throws(UsageError) {
    let parts = NamedValue(text)
    let seconds = try ttlSeconds(parts.value)
    let lifetime = seconds == 0 ? nil : UInt32(seconds)
    let keys = earlier.map { NamedValue($0).key }
    guard let key = parts.key else {
      try checkOnlyDefault("series.ttl", earlier, of: "kinds")
      for kind in MetricKind.allCases where !keys.contains("\(kind.label)") {
        options.series.lifetimes[kind] = lifetime
      }
      return
    }
    if let kind = MetricKind.allCases.first(where: { "\($0.label)" == key }) {
      if keys.contains(key) {
        throw UsageError("--series.ttl is given twice for \(key); leave one of them out")
      }
      options.series.lifetimes[kind] = lifetime
      return
    }
    try checkIsNoKind(key)
    let glob = try glob(key, flag: "series.ttl")
    try checkApplies(glob, after: options.series.lifetimesByName.map(\.glob), flag: "series.ttl")
    options.series.lifetimesByName.append(SeriesRules.Rule(glob, lifetime))
  }

  /// Refuses a word that was probably meant as a kind: a misspelled one, or StatsD's word for one.
  private static func checkIsNoKind(_ key: String) throws(UsageError) {
    // With a star it can only be meant as names.
    if key.contains("*") { return }
    let kinds = MetricKind.allCases.map { "\($0.label)" }
    let isStatsDType = ["timer", "timing", "distribution", "summary", "meter"].contains(key)
    let nearest = isStatsDType ? "histogram" : EditDistance.misspelled(key, among: kinds)
    guard let nearest else { return }
    throw UsageError(
      "--series.ttl: \(key.quoted) is not a kind of series; write \(nearest), or \"\(key)*\" for "
        + "the metrics whose names begin so")
  }
}

/// The clock for this counts seconds: a fraction is rounded up.
private func ttlSeconds(_ text: String) throws(UsageError) -> Int {
  guard let milliseconds = TimeSpan.milliseconds(text) else {
    let remedy =
      Decimal.parse(text[...]) == nil
      ? "is not a duration; write one such as 90s, 5m, 1h30m or 7d"
      : "has no unit; write one such as 90s, 5m, 1h30m or 7d"
    throw UsageError("--series.ttl: \(text.quoted) \(remedy), or 0 for never")
  }
  guard milliseconds == 0 || milliseconds >= 1_000 else {
    throw UsageError(
      "--series.ttl: \(text.quoted) is less than a second; write 1s or more, or 0 for never")
  }
  let seconds = (milliseconds - 1) / 1_000 + 1
  guard milliseconds == 0 || seconds <= FlagBounds.ttlSecondsMax else {
    throw UsageError(
      "--series.ttl: \(text.quoted) is too long; "
        + "write \(TimeSpan.text(seconds: FlagBounds.ttlSecondsMax)) or less, or 0 for never")
  }
  return milliseconds == 0 ? 0 : seconds
}

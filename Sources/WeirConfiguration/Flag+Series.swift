extension Flag {
  /// The flags of what becomes of series over time.
  static let series: [Flag] = [
    Flag(
      name: "series.ttl", kind: .value(metavariable: "[KIND=]DURATION", repeatable: true),
      help: """
        Forget a series that was not updated for so long, such as 90s, 5m, 1h30m or 7d; 0 keeps it \
        for ever. With a KIND (counter, gauge, histogram or set) it holds for that kind, else for all \
        that are not given one of their own. A series that comes back begins from 0, and so does a \
        gauge that is changed by a sign.
        """,
      shown: { options in
        SeriesTTL.Kind.allCases.map {
          "\($0.rawValue)=\(TimeSpan.text(seconds: options.series.ttl.seconds($0)))"
        }.joined(separator: " ")
      },
      set: { value, _, options throws(UsageError) in
        let parts = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let kind = parts.count == 2 ? try seriesKind(String(parts[0])) : nil
        let seconds = try ttlSeconds(String(parts[parts.count - 1]))
        guard options.series.ttl.set(seconds, for: kind) else {
          let whose = kind.map { "for \($0.rawValue)" } ?? "for all kinds"
          throw UsageError("--series.ttl is given twice \(whose); leave one of them out")
        }
      }),
    .number(
      "series.zero-first", "DURATION", \.series.zeroFirstSeconds,
      help: """
        Show a new counter, histogram or summary as 0 in every scrape until it is so old, such as 30s; 0 \
        shows its first value at once. Prometheus' increase() counts from the first value that it sees, \
        so without this it misses what a series begins with. Choose more than the longest scrape interval.
        """,
      shown: TimeSpan.text(seconds:), parse: zeroFirstSeconds),
  ]
}

/// What is no whole number of seconds is rounded up.
private func zeroFirstSeconds(_ text: String) throws(UsageError) -> Int? {
  guard let milliseconds = TimeSpan.milliseconds(text),
    0...Limits.zeroFirstSecondsMax * 1_000 ~= milliseconds
  else {
    throw UsageError(
      "--series.zero-first: \(text.quoted) is not how long a new series can be shown as 0; write a "
        + "duration up to \(TimeSpan.text(seconds: Limits.zeroFirstSecondsMax)), such as 30s, or 0 for "
        + "not at all")
  }
  return (milliseconds + 999) / 1_000
}

private func seriesKind(_ name: String) throws(UsageError) -> SeriesTTL.Kind {
  guard let kind = SeriesTTL.Kind(rawValue: name) else {
    throw UsageError(
      "--series.ttl: \(name.quoted) is no kind of series; write counter, gauge, histogram or set")
  }
  return kind
}

/// Weir's clock for this counts seconds: what is no whole number of them is rounded up.
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
  guard milliseconds == 0 || seconds <= Limits.ttlSecondsMax else {
    throw UsageError(
      "--series.ttl: \(text.quoted) is too long; "
        + "write \(TimeSpan.text(seconds: Limits.ttlSecondsMax)) or less, or 0 for never")
  }
  return milliseconds == 0 ? 0 : seconds
}

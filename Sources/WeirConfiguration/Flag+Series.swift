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
      })
  ]
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

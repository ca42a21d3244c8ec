// What Prometheus reads.
extension FindingRule {
  private static let silentSeconds = 300.0
  /// Half of Prometheus' usual timeout.
  private static let slowSeconds = 5.0

  static let scrapes: [FindingRule] = [
    FindingRule("no_scrape", view: "scrapes") { window in
      let now = window.now
      let fix =
        now.cluster == nil
        ? nil : "Let Prometheus scrape `/metrics/node` of each node by its own address."
      if let age = now.scrapes.lastAgeSeconds {
        guard age >= silentSeconds else { return [] }
        return [
          Draft(
            level: .warn, what: "Nobody has scraped Weir for \(ReadableNumbers.duration(age)).",
            fix: fix ?? "Look at Prometheus' page Status, Targets.")
        ]
      }
      guard now.uptimeSeconds >= silentSeconds else { return [] }
      return [
        Draft(
          level: .info, what: "Nobody has scraped Weir since it started.",
          fix: fix ?? "Add this address to `scrape_configs` of Prometheus.")
      ]
    },
    FindingRule("scrape_timed_out", view: "scrapes") { window in
      let gain = window.gain(\.scrapes.timedOut)
      guard gain > 0 else { return [] }
      return [
        Draft(
          level: .bad,
          what:
            ReadableNumbers.subject(gain, "scrape")
            + " not finished in the time that Prometheus waits, so it has no values of that time.",
          fix: "Raise `scrape_timeout` in Prometheus, and see Names for what costs most series.")
      ]
    },
    FindingRule("scrape_abandoned", view: "scrapes") { window in
      let gain = window.gain(\.scrapes.abandoned)
      guard gain > 0 else { return [] }
      let by = window.now.scrapes.abandonedBy.flatMap { $0.isEmpty ? nil : " The last one: \($0)." }
      return [
        Draft(
          level: .warn,
          what:
            ReadableNumbers.subject(gain, "scrape")
            + " cut in the last minute: the reader closed the connection before the end.\(by ?? "")",
          fix:
            "Raise `scrape_timeout` in Prometheus if it is shorter than a scrape, and look at the network."
        )
      ]
    },
    FindingRule("scrape_slow", view: "scrapes") { window in
      guard let seconds = window.now.counts.scrapeSeconds, seconds > slowSeconds else { return [] }
      return [
        Draft(
          level: .warn,
          what:
            "The last scrape took \(ReadableNumbers.count(seconds)) s. Prometheus waits for 10 s by default.",
          fix: "See Names for what costs most series, or raise `scrape_timeout` in Prometheus.")
      ]
    },
    FindingRule("series_hidden", view: "names") { window in
      let gain = window.gain(\.scrapes.hiddenSeries)
      guard gain > 0 else { return [] }
      return [
        Draft(
          level: .warn,
          what:
            "Series are left out of scrapes, because their names as Prometheus asks for them are those of other "
            + "series.",
          fix: "Let Prometheus ask for UTF-8 names (`escaping=allow-utf-8`), or rename the series.")
      ]
    },
  ]
}

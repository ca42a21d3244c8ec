// Where Weir sends what it has: the relay, the next Weir, CloudWatch.
extension FindingRule {
  private static let unconfirmedSeconds = 60.0

  static let outputs: [FindingRule] = [
    FindingRule("relay_drops") { window in
      window.now.relays.compactMap { relay in
        let gain = window.gain(relay, in: \.relays, by: \.target, \.dropped)
        guard gain > 0 else { return nil }
        return Draft(
          level: .warn, subject: relay.target,
          what:
            ReadableNumbers.subject(gain, "line", of: " to the relay's target \(relay.target)")
            + " dropped in the last minute. Weir's own counts are complete.",
          fix: "Look whether \(relay.target) runs and reads fast enough.")
      }
    },
    FindingRule("forward_unconfirmed") { window in
      guard let forward = window.now.forward, window.now.uptimeSeconds > unconfirmedSeconds,
        forward.confirmedAgeSeconds ?? .infinity > unconfirmedSeconds
      else { return [] }
      let since =
        forward.confirmedAgeSeconds.map { "for \(ReadableNumbers.duration($0))" }
        ?? "since the start"
      return [
        Draft(
          level: .warn,
          what: "The next Weir has confirmed nothing \(since). What is counted waits here.",
          fix:
            "Look at the log, and whether the target of `--forward.address` or `--forward.url` runs."
        )
      ]
    },
    FindingRule("cloudwatch_failing") { window in
      guard let cloudWatch = window.now.cloudWatch, cloudWatch.isFailing else { return [] }
      return [
        Draft(
          level: .warn, what: "CloudWatch takes nothing. What is gained waits here.",
          fix: "See the log for its answer; `weir explain --cloudwatch` shows what would be pushed."
        )
      ]
    },
    FindingRule("cloudwatch_dropped") { window in
      guard let now = window.now.cloudWatch else { return [] }
      let gain = now.metricsDropped - (window.before.cloudWatch?.metricsDropped ?? 0)
      guard gain > 0 || now.metricsOverLimit > 0 else { return [] }
      let what =
        gain > 0
        ? ReadableNumbers.subject(gain, "metric")
          + " refused by CloudWatch in the last minute. They are not pushed again."
        : ReadableNumbers.subject(now.metricsOverLimit, "metric", "is", "are")
          + " not pushed to CloudWatch because of --cloudwatch.max-metrics."
      return [
        Draft(
          level: gain > 0 ? .bad : .warn, what: what,
          fix:
            "Choose fewer metrics by `--cloudwatch.include` and `--cloudwatch.dimensions`, or raise the limit."
        )
      ]
    },
  ]
}

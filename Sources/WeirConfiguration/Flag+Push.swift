import WeirMetrics

extension Flag {
  /// The flags of the push protocol.
  static let push: [Flag] = [
    .path(
      "push.keys-file", "FILE", \.push.keysFile,
      help: """
        File with the keys that pushed frames have to be signed with. Without one, unsigned frames \
        are accepted.
        """),
    silence(
      "push.gauge-ttl", \.push.limits.gaugeSeconds,
      help: """
        How long an instance that pushes may be silent before its gauges are removed. The gauges \
        of an instance that reports its end are removed at once.
        """),
    silence(
      "push.owner-ttl", \.push.limits.retireSeconds,
      help: """
        How long an instance may be silent before it is retired: its counts stay, and it is \
        forgotten a day after its last frame, or earlier when a limit is reached.
        """),
    .choice(
      "push.older-instances", \.push.limits.olderInstances,
      help: """
        What counts of an unknown instance that is older than Weir's memory. The memory begins \
        with Weir's start, a day ago, or with the last frame of an instance that was forgotten to \
        make room. Of totals that began before, only what they gain from now on counts (baseline), \
        or everything (count).
        """),
    .count(
      "limit.push-instances", \.push.limits.instancesMax, of: "instances",
      upTo: FlagBounds.pushInstancesMax,
      help: """
        Instances that push, including those of the last day. When the limit is reached, one that \
        has brought no record is forgotten first, then one that was retired.
        """),
    .count(
      "limit.push-totals", \.push.limits.totalsMax, of: "totals", upTo: FlagBounds.pushTotalsMax,
      help: """
        Totals of all instances that push. A counter is one total. A gauge, a histogram or a set \
        is one, and one more for each 50 bytes that it takes.
        """),
    .count(
      "limit.push-totals-per-instance", \.push.limits.totalsPerInstanceMax, of: "totals",
      upTo: FlagBounds.pushTotalsPerOwnerMax,
      help: "Totals of one instance, counted in the same way."),
    .count(
      "limit.push-totals-per-forwarder", \.push.limits.totalsPerForwarderMax, of: "totals",
      upTo: FlagBounds.pushTotalsPerOwnerMax,
      help: """
        Totals of one Weir that forwards to this one. With --push.keys-file, only keys with \
        forwarder: true may sign its frames; others have the limit per instance.
        """),
  ]

  private static func silence(
    _ name: String, _ path: OptionPath<UInt32>, help: String
  ) -> Flag {
    seconds(
      name, path, in: 1...FlagBounds.pushSecondsMax,
      subject: "how long an instance may be silent", example: "90s or 15m", help: help)
  }
}

extension Options {
  /// Checks what no single flag can check.
  func checkPush() throws(UsageError) {
    guard push.limits.gaugeSeconds > push.limits.retireSeconds else { return }
    throw UsageError(
      "--push.gauge-ttl is longer than --push.owner-ttl, after which no gauge is left; write "
        + "\(TimeSpan.text(seconds: Int(push.limits.retireSeconds))) or less")
  }
}

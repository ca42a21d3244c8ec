import WeirMetrics

extension Options {
  /// Groups that are pushed in the way of the Pushgateway: `--pushgateway.*` and `--limit.pushgateway-*`.
  package struct Pushgateway: Sendable, Equatable {
    package var isEnabled = true
    package var limits = GroupLimits()
  }
}

extension Flag {
  /// The flags of pushed groups.
  static let pushgateway: [Flag] = [
    .toggle(
      "pushgateway.pushes", \.pushgateway.isEnabled,
      help: """
        Accept PUT, POST and DELETE of /metrics/job/JOB{/LABEL/VALUE}, as the Pushgateway does.
        """),
    .toggle(
      "pushgateway.add-up", \.pushgateway.limits.addsUp,
      help: """
        Add up what the runs of a job push to one group: counters and histograms. Runs are told \
        apart by process_start_time_seconds. Without, the last push counts.
        """),
    .seconds(
      "pushgateway.ttl", \.pushgateway.limits.lifetimeSeconds, in: 1...FlagBounds.ttlSecondsMax,
      zero: "to keep groups until they are deleted",
      subject: "how long a group is kept after its last push", example: "1h or 7d",
      help: """
        How long a group is kept after its last push. 0 keeps groups until they are deleted.
        """),
    .count(
      "limit.pushgateway-groups", \.pushgateway.limits.groupsMax, of: "groups",
      upTo: FlagBounds.groupsMax, help: "Pushed groups."),
    .count(
      "limit.pushgateway-series", \.pushgateway.limits.seriesMax, of: "series",
      upTo: FlagBounds.groupSeriesMax,
      help: """
        Series of all groups, with the two times of each group; a histogram is one series.
        """),
    .bytes(
      "limit.pushgateway-bytes", \.pushgateway.limits.bytesMax, upTo: FlagBounds.groupBytesMax,
      help: """
        Bytes of all groups as a page shows them, roughly: the name and labels of a histogram count \
        once per bucket.
        """),
  ]
}

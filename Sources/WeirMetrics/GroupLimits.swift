/// What pushed groups may have (the API of the Pushgateway).
package struct GroupLimits: Sendable, Equatable {
  /// Groups. Most senders use one per job.
  package var groupsMax = 10_000
  /// Series of all groups, with the two times of each group; a histogram is one series.
  package var seriesMax = 100_000
  /// Bytes of all groups as a page shows them, roughly: names and labels of histograms count once per bucket,
  /// because a short body may stand for very many bytes of a page and of the state file.
  package var bytesMax = 64 << 20
  /// After how many seconds without a push a group is removed; 0 for never, as in the Pushgateway.
  package var lifetimeSeconds: UInt32 = 0
  /// Whether the runs of a job are added up.
  package var addsUp = false

  package init() {}
}

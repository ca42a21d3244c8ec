/// The greatest and least values that flags accept.
enum FlagBounds {
  /// The kernel doubles the requested size and keeps it in a signed 32-bit number, so more than
  /// this has no effect.
  static let readBufferBytesMax = 1024 * 1024 * 1024

  /// Sockets per address. Each has a batch of receive buffers. More sockets than cores have no use.
  static let receiversMax = 64

  /// With this many sockets the kernel's work is spread well. An operator should measure before
  /// choosing more.
  static let receiversByDefaultMax = 8

  /// A scrape should show what was sent a second before it.
  static let gatherMillisecondsMax = 1_000

  /// Values of one repeatable flag: each address takes sockets, each path a comparison per request.
  static let repeatsMax = 16

  /// Globs of one flag: a new name is compared with each of them.
  static let rulesMax = 1_000

  /// Bytes of a glob: as many as a name has by default.
  static let globBytesMax = 1_024

  /// Classes of series: each has tables of its own in every shard.
  static let classesMax = 1_000

  /// Series, sets or names that a limit may be set to: what Weir's handles can distinguish.
  static let seriesMax = 50_000_000

  /// Labels of one series: they are sorted by insertion, which takes quadratic time.
  static let labelsPerSeriesMax = 256

  /// Bytes of one series: it has to fit in a block of names and in a datagram.
  static let seriesBytesMax = 64 * 1024

  /// Bytes of all series in a scrape: more than any Prometheus reads.
  static let exposedBytesMax = 64 * 1024 * 1024 * 1024

  /// Pushed groups and their series. Each push looks at all of its group, and a scrape sorts names that changed.
  static let groupsMax = 1_000_000
  static let groupSeriesMax = 1_000_000

  /// Bytes of all pushed groups: one alone has to fit in a block of the state file.
  static let groupBytesMax = 200 * 1024 * 1024

  /// The ratio of neighbouring native bounds in the coarsest schema.
  static let nativeFactorMax = 65_536.0

  /// Native buckets of one series: 12 KB, possibly in each of a million series.
  static let nativeBucketsMax = 1_000

  /// Quantiles of a summary: each is a line of a scrape for every series.
  static let quantilesMax = 16

  /// Steps in which observations leave a summary: each takes memory.
  static let ageBucketsMax = 10

  /// Seconds that a summary looks back: from a second for each age bucket to a day.
  static let summaryAgeSeconds = 10...86_400

  /// Seconds that a set looks back: from a second for each of its steps to a day.
  static let setWindowSeconds = 5...86_400

  /// Seconds that a series may be kept without an update: longer than any server runs, and less
  /// than Weir's 32-bit clock can hold.
  static let ttlSecondsMax = 3_650 * 86_400

  /// Seconds for which a new series may be shown as 0: scrape intervals are shorter.
  static let zeroFirstSecondsMax = 3_600

  /// Bytes of a telemetry path: much less than the longest request line that the server reads.
  static let telemetryPathBytesMax = 256

  /// Open connections: each takes a descriptor and up to 32 KiB, or 64 KiB with TLS during
  /// transfer.
  static let connectionsMax = 100_000

  /// Seconds after which an idle connection of a sender is closed.
  static let idleSeconds = 1...86_400

  /// Bytes of a Unix socket's path: the kernel's structure has 108, the last of which is 0.
  static let unixPathBytesMax = 107

  /// Bytes of a request's head: Prometheus' requests have to fit, and a connection should not take
  /// more than a megabyte.
  static let headerBytesMin = 1024
  static let headerBytesMax = 1024 * 1024

  /// Headers of a request: several searches look at each of them.
  static let headersMax = 1_000

  /// A connection that is idle for a day is not used any more.
  static let webTimeoutMilliseconds = 86_400_000

  /// A crash loses text of at most this time.
  static let stateIntervalSeconds = 1...3_600

  /// An instance is always forgotten after a day.
  static let pushSecondsMax = 86_400

  /// About 10 GB of memory.
  static let pushInstancesMax = 10_000_000
  static let pushTotalsMax = 100_000_000

  /// Totals of one instance or forwarder. Its owner is one block of the state file, which has at most
  /// 256 MiB. A total takes at most 50 bytes there (`OwnerLimits.totalBytes`), so 256 MiB / 50 =
  /// 5,368,709 fit. The rest is room for what an owner has beside its totals.
  static let pushTotalsPerOwnerMax = 5_000_000

  /// The interval of a rate limit and its burst: their product still fits the clock.
  static let rateIntervalNanosecondsMax = 86_400_000_000_000
  static let rateBurstMax = 100_000
}

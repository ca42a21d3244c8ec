/// The greatest and least values that flags accept.
enum FlagBounds {
  /// The kernel doubles the requested size and keeps it in a signed 32-bit number, so more than
  /// this has no effect.
  static let readBufferBytesMax = 1024 * 1024 * 1024

  /// Sockets per address. Each has a batch of receive buffers. More sockets than cores have no use.
  static let receiversMax = 64

  /// More sockets than this are an operator's choice, because only a measurement shows whether they help.
  static let receiversByDefaultMax = 8

  /// A scrape should show what was sent a second before it.
  static let gatherMillisecondsMax = 1_000

  /// Values of one repeatable flag. Each address takes sockets, and each path a comparison per request.
  static let repeatsMax = 16

  /// Globs of one flag. Each new name is compared with all of them.
  static let rulesMax = 1_000

  /// Bytes of a glob: the default limit on the length of a name.
  static let globBytesMax = 1_024

  /// Classes of series. Each has its own tables in every shard.
  static let classesMax = 1_000

  /// The highest limit on series, sets or names: what Weir's handles can number.
  static let seriesMax = 50_000_000

  /// Labels of one series. They are sorted by insertion, which takes quadratic time.
  static let labelsPerSeriesMax = 256

  /// Bytes of one series. It has to fit in a block of names and in a datagram.
  static let seriesBytesMax = 64 * 1024

  /// Bytes of all series in a scrape: more than Prometheus can read.
  static let exposedBytesMax = 64 * 1024 * 1024 * 1024

  /// Pushed groups and their series. Each push looks at all of its group, and a scrape sorts names that changed.
  static let groupsMax = 1_000_000
  static let groupSeriesMax = 1_000_000

  /// Bytes of all pushed groups. A single group has to fit in a block of the state file.
  static let groupBytesMax = 200 * 1024 * 1024

  /// The ratio of neighbouring native bounds in the coarsest schema.
  static let nativeFactorMax = 65_536.0

  /// Native buckets of one series. They take 12 KB, possibly in each of a million series.
  static let nativeBucketsMax = 1_000

  /// Quantiles of a summary. Each is a line of a scrape for every series.
  static let quantilesMax = 16

  /// Steps in which observations leave a summary. Each takes memory.
  static let ageBucketsMax = 10

  /// Seconds that a summary covers: from a second for each age bucket to a day.
  static let summaryAgeSeconds = 10...86_400

  /// Seconds that a set covers: from a second for each of its steps to a day.
  static let setWindowSeconds = 5...86_400

  /// Seconds that a series may be kept without an update. A server rarely runs longer, and Weir's 32-bit
  /// clock can hold more.
  static let ttlSecondsMax = 3_650 * 86_400

  /// Seconds for which a new series may be shown as 0. Scrape intervals are shorter.
  static let zeroFirstSecondsMax = 3_600

  /// Bytes of a telemetry path, which are much less than the longest request line that the server reads.
  static let telemetryPathBytesMax = 256

  /// Open connections. Each takes a descriptor and up to 32 KiB, or 64 KiB with TLS during a transfer.
  static let connectionsMax = 100_000

  /// Seconds after which an idle connection of a sender is closed.
  static let idleSeconds = 1...86_400

  /// Bytes of a Unix socket's path. The kernel's structure has 108, the last of which is 0.
  static let unixPathBytesMax = 107

  /// Bytes of a request's head. Requests of Prometheus have to fit, and a connection should not take more
  /// than a megabyte.
  static let headerBytesMin = 1024
  static let headerBytesMax = 1024 * 1024

  /// Headers of a request. Several searches look at each of them.
  static let headersMax = 1_000

  /// A day: a connection that is idle for longer is not used any more.
  static let webTimeoutMilliseconds = 86_400_000

  /// A crash loses the text of at most this time.
  static let stateIntervalSeconds = 1...3_600

  /// A day, after which an instance is forgotten in any case.
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

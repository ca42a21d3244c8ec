/// The bounds of what the command line may ask for.
enum Limits {
  /// The kernel doubles what a socket asks for and holds it in a signed 32-bit number, so that
  /// more than this has no effect.
  static let readBufferBytesMax = 1024 * 1024 * 1024

  /// Sockets per address. Each has a batch of receive buffers; more than this outnumber the
  /// cores of the machines that Weir is for.
  static let receiversMax = 64

  /// Past this many the kernel's share of the work is spread well enough that an operator
  /// should measure before asking for more.
  static let receiversByDefaultMax = 8

  /// A scrape should not miss what was sent a second before it.
  static let gatherMillisecondsMax = 1_000

  /// Values of one repeatable flag: each address costs sockets, each path a comparison a request.
  static let repeatsMax = 16

  /// Series, sets or names that a limit may be set to: what Weir's handles can tell apart.
  static let seriesMax = 50_000_000

  /// Labels of one series: they are sorted by insertion, whose time grows with their square.
  static let labelsPerSeriesMax = 256

  /// Bytes of one series: a block of names holds one, and so does a datagram.
  static let seriesBytesMax = 64 * 1024

  /// Bytes of all series in a scrape: no Prometheus reads so many.
  static let exposedBytesMax = 64 * 1024 * 1024 * 1024

  /// The growth of native buckets: that of the coarsest schema, past which nothing changes.
  static let nativeFactorMax = 65_536.0

  /// Native buckets of one series: 12 KB of them, in each of a million series if it comes to that.
  static let nativeBucketsMax = 1_000

  /// Quantiles of a summary, each of which is a line in a scrape for every series.
  static let quantilesMax = 16

  /// Steps in which observations leave a summary: each takes memory of its own.
  static let ageBucketsMax = 10

  /// Seconds that a summary looks back: a second for each of the most age buckets, or a day.
  static let summaryAgeSeconds = 10...86_400

  /// Seconds that a set looks back: a second for each of its steps, or a day.
  static let setWindowSeconds = 5...86_400

  /// Seconds that a series may be kept without an update: more than any server runs, and some way
  /// off what Weir's clock for this can hold.
  static let ttlSecondsMax = 3_650 * 86_400

  /// Seconds for which a new series may be shown as 0: nobody scrapes less often.
  static let zeroFirstSecondsMax = 3_600

  /// Bytes of a telemetry path, far below the longest request line that the server reads.
  static let telemetryPathBytesMax = 256

  /// Open connections: a descriptor each, and up to 32 KiB, or 64 with TLS while bytes move.
  static let connectionsMax = 100_000

  /// Bytes of a request's head: below, Prometheus' own requests would not fit; above, a connection
  /// would cost a megabyte.
  static let headerBytesMin = 1024
  static let headerBytesMax = 1024 * 1024

  /// Headers of a request: each is looked at by several searches.
  static let headersMax = 1_000

  /// An idle connection past a day is one that nobody remembers.
  static let webTimeoutMilliseconds = 86_400_000

  /// An instance is forgotten after a day whatever is asked.
  static let pushSecondsMax = 86_400

  /// Some 10 GB.
  static let pushInstancesMax = 10_000_000
  static let pushTotalsMax = 100_000_000

  /// The time between two requests of a rate limit, and how many may come at once: their product
  /// still fits the clock.
  static let rateIntervalNanosecondsMax = 86_400_000_000_000
  static let rateBurstMax = 100_000

  /// Files that one call of check-config takes.
  static let checkedFilesMax = 100
}

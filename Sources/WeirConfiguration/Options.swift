/// What the command line asks of the daemon: every value valid in form, every default filled in.
///
/// Addresses are text here; the sockets resolve them, and say so when they cannot.
package struct Options: Sendable, Equatable {
  package var statsd: StatsD
  package var observe = Observe.histogram
  package var histogram = Histogram()
  package var summary = Summary()
  package var set = Set()
  package var limit = Limit()
  package var series = Series()
  package var push = Push()
  package var web = Web()
  package var log = Log()

  /// The options of a command line without flags, on a machine with `cores` cores.
  package init(cores: Int) {
    statsd = StatsD(receivers: StatsD.receivers(forCores: cores))
  }

  /// How StatsD datagrams come in, and how they are read: `--statsd.*`.
  package struct StatsD: Sendable, Equatable {
    /// UDP addresses to listen on, as written; empty when UDP is turned off.
    package var listenUDP = ["127.0.0.1:8125"]

    /// Bytes of receive buffer asked of the kernel for each socket; 0 leaves the kernel's default.
    package var readBufferBytes = 16 * 1024 * 1024

    /// Sockets for each UDP address, each with a queue of its own: 1 to `Limits.receiversMax`.
    package var receivers: Int

    /// How long a datagram may wait at its socket for others, in milliseconds; 0 to
    /// `Limits.gatherMillisecondsMax`.
    package var gatherMilliseconds = 10

    /// Whether the kernel may hand over several datagrams of one sender in one piece.
    package var receivesSegments = false

    /// Networks that datagrams may come from, as written, each for all listeners or, behind an address
    /// of `listenUDP` and `=`, for that one; empty lets everybody in.
    package var allow: [String] = []

    /// Whether lines of text are taken, and not the push protocol alone.
    package var takesText = true

    package var gaugeSigns = GaugeSigns()
    package var names = Names.classic
    package var parsesDogStatsDTags = true
    package var parsesInfluxDBTags = true
    package var parsesLibratoTags = true
    package var parsesSignalFxTags = true
    package var parsesGraphiteTags = true
    package var valuelessTags = ValuelessTags.drop

    /// The label that a container id becomes; nil where it becomes none.
    package var containerIDLabel: String?

    /// Half of the cores, for the other half serves the senders and the scrape; 1 to 8.
    static func receivers(forCores cores: Int) -> Int {
      min(max(1, cores / 2), Limits.receiversByDefaultMax)
    }
  }

  /// How histograms are kept: `--histogram.*`.
  package struct Histogram: Sendable, Equatable {
    package var native = NativeHistograms.off

    /// How far the bounds of native buckets may be apart in ratio: above 1.
    package var nativeFactor = 1.1

    /// Native buckets of one series, from 1 to `Limits.nativeBucketsMax`.
    package var nativeMaxBuckets = 160
  }

  /// How summaries are kept: `--summary.*`.
  package struct Summary: Sendable, Equatable {
    /// From 0 to 1, ascending; never empty.
    package var quantiles = [0.5, 0.9, 0.99]

    /// In `Limits.summaryAgeSeconds`.
    package var maxAgeSeconds = 600

    /// 1 to `Limits.ageBucketsMax`.
    package var ageBuckets = 5
  }

  /// How the members of sets are counted: `--set.*`.
  package struct Set: Sendable, Equatable {
    /// How long a member counts after it was last seen: 0 for ever, else in `Limits.setWindowSeconds`.
    package var windowSeconds = 300
  }

  /// What keeps memory finite: `--limit.*`. `WeirMetrics.Limits` says what each default is for.
  package struct Limit: Sendable, Equatable {
    package var series = 1_000_000
    package var seriesPerName = 100_000
    package var names = 100_000
    package var sets = 10_000
    package var exposedBytes = 1024 * 1024 * 1024
    package var overflow = Overflow.refuse
    package var labelsPerSeries = 64
    package var nameBytes = 1024
    package var labelNameBytes = 256
    package var labelValueBytes = 4096
    package var seriesBytes = 4096
  }

  /// What becomes of series over time: `--series.*`.
  package struct Series: Sendable, Equatable {
    package var ttl = SeriesTTL()

    /// For how long a new counter or histogram is shown as 0, up to `Limits.zeroFirstSecondsMax`.
    package var zeroFirstSeconds = 0
  }

  /// What is known of instances that push: `--push.*` and `--limit.push-*`.
  /// `WeirAggregation.OwnerLimits` says what each default is for.
  package struct Push: Sendable, Equatable {
    /// The keys that frames are signed with; nil takes unsigned ones.
    package var keysFile: String?
    /// No more than `ownerSeconds`.
    package var gaugeSeconds = 60
    package var ownerSeconds = 15 * 60
    package var instancesMax = 100_000
    package var totalsMax = 4_000_000
    package var totalsPerInstanceMax = 100_000
    package var olderInstances = OlderInstances.baseline
  }

  /// Where Prometheus comes to scrape: `--web.*`.
  package struct Web: Sendable, Equatable {
    /// TCP addresses to listen on, as written; never empty.
    package var listenAddresses = ["127.0.0.1:9102"]

    /// Paths that answer a scrape; never empty, no two alike, none of them in `serverPages`.
    package var telemetryPaths = ["/metrics", "/api/metrics/prometheus"]

    /// The exporters' web configuration file; nil serves plain HTTP to everybody.
    package var configFile: String?

    /// Whether the pages for probes need a password as all others do.
    package var authenticatesHealth = true

    /// Whether a request may reload or stop the server.
    package var enablesLifecycle = false

    /// Whether OpenMetrics shows by `_created` when a series was first seen.
    package var writesCreated = false

    /// What the server grants its clients. `WeirHTTP.HTTPLimits` says what each default is for.
    package var connectionsMax = 512
    package var headerBytesMax = 8 * 1024
    package var headersMax = 100
    package var idleMilliseconds = 120_000
    package var readHeaderMilliseconds = 10_000

    /// The pages for probes.
    package static let healthPages = ["/-/healthy", "/-/ready"]

    /// The server's own pages, which no telemetry path may hide.
    package static let serverPages = [
      "/", "/-/healthy", "/-/ready", "/-/reload", "/-/quit", "/debug/refused",
      "/debug/instances", "/api/v1/push",
    ]
  }

  /// What is logged, and how: `--log.*`.
  package struct Log: Sendable, Equatable {
    package var level = LogLevel.info
    package var format = LogFormat.logfmt
  }
}

/// What a sign in front of a gauge's value means.
package enum GaugeSign: String, CaseIterable, Sendable {
  /// `+5` and `-5` change the gauge by 5, as StatsD has it.
  case relative
  /// `-5` sets the gauge to minus 5, as DogStatsD has it.
  case absolute
}

/// What becomes of a tag that has a name and no value.
package enum ValuelessTags: String, CaseIterable, Sendable {
  /// It is dropped and counted.
  case drop
  /// It is a label whose value is `true`.
  case isTrue = "true"
}

/// What becomes of totals of instances that started before Weir's memory does.
package enum OlderInstances: String, CaseIterable, Sendable {
  /// Those that began before it count only what they gain.
  case baseline
  /// They count whole.
  case count
}

/// What observations become.
package enum Observe: String, CaseIterable, Sendable {
  case histogram, summary
}

/// Whether histograms are kept as native ones.
package enum NativeHistograms: String, CaseIterable, Sendable {
  case off
  /// Beside the classic buckets.
  case both
  /// In place of them.
  case only
}

/// What becomes of names that Prometheus had no place for before version 3.
package enum Names: String, CaseIterable, Sendable {
  /// Each character that is not `[a-zA-Z0-9_]` becomes `_`.
  case classic
  /// They stay as sent.
  case utf8 = "utf-8"
}

/// What becomes of a sample whose series would be one too many.
package enum Overflow: String, CaseIterable, Sendable {
  /// It is refused.
  case refuse
  /// It goes to its name's overflow series; a gauge's is refused all the same.
  case series
}

/// How much an event of the log matters, from least to most.
package enum LogLevel: String, CaseIterable, Comparable, Sendable {
  case debug, info, warn, error

  package static func < (left: LogLevel, right: LogLevel) -> Bool {
    left.severity < right.severity
  }

  private var severity: Int {
    switch self {
    case .debug: 0
    case .info: 1
    case .warn: 2
    case .error: 3
    }
  }
}

/// The form of a line of the log.
package enum LogFormat: String, CaseIterable, Sendable {
  /// `ts=2026-01-02T03:04:05.678Z level=info msg="what happened" key=value`
  case logfmt
  /// `{"ts":"2026-01-02T03:04:05.678Z","level":"info","msg":"what happened","key":"value"}`
  case json
}

import WeirMetrics
import WeirWire

/// What the command line asks of the daemon: every value valid in form, every default filled in.
///
/// A setting of the engine is declared in the module that uses it (`SeriesLimits`, `OwnerLimits`,
/// `StatsDOptions`, …), with its default and the reason for it; the flags set its fields.
///
/// Addresses are text here. The sockets resolve them, and report the ones that do not resolve.
package struct Options: Sendable, Equatable {
  package var statsd: StatsD
  package var observations = ObservationOptions()
  package var sets = SetOptions()
  package var limits = SeriesLimits()
  package var series = Series()
  package var push = Push()
  package var pushgateway = Pushgateway()
  package var forward = Forward()
  package var cluster = Cluster()
  package var relay = Relay()
  package var cloudWatch = CloudWatch()
  package var state = State()
  package var web = Web()
  package var log = Log()
  package var send = Send()
  package var connection = Connection()
  package var top = Top()
  package var tap = Tap()
  package var record = Record()
  package var replay = Replay()
  /// The program whose defaults hold; nil for Weir's own.
  package var compatibility: Compatibility?
  /// Whether flags and files are checked only.
  package var checksOnly = false
  /// Flags that were given and have no effect.
  package var ignoredFlags: [IgnoredFlag] = []

  /// A flag of another program that has no meaning here.
  package struct IgnoredFlag: Sendable, Equatable {
    package let name: String
    package let reason: String
  }

  /// The options of a command line without flags, on a machine with `cores` cores.
  package init(cores: Int) {
    statsd = StatsD(receivers: StatsD.receivers(forCores: cores))
  }

  /// How StatsD datagrams are received and read: `--statsd.*`.
  package struct StatsD: Sendable, Equatable {
    /// UDP addresses to listen on, as written; empty when UDP is turned off.
    package var listenUDP = ["127.0.0.1:8125"]

    /// TCP addresses to take lines on, as written; empty where there is none.
    package var listenTCP: [String] = []

    /// Paths of Unix datagram sockets.
    package var listenUnixgram: [String] = []

    /// Paths of Unix stream sockets.
    package var listenUnix: [String] = []

    /// The permissions of the sockets' files: 0 to 0o777.
    package var unixSocketMode = 0o755

    /// Connections of all TCP and Unix stream listeners together.
    package var connectionsMax = 1_000

    /// Seconds without a byte after which such a connection is closed; 0 for never. Clients that keep a
    /// connection may send rarely, and lose what they send after it was closed.
    package var idleSeconds = 600

    /// Bytes of receive buffer requested from the kernel for each socket; 0 keeps the kernel's
    /// default.
    package var readBufferBytes = 16 * 1024 * 1024

    /// Sockets for each UDP address, each with its own queue: 1 to `FlagBounds.receiversMax`.
    package var receivers: Int

    /// How long a datagram may wait in its socket for others, in milliseconds; 0 to
    /// `FlagBounds.gatherMillisecondsMax`.
    package var gatherMilliseconds = 10

    /// Whether the kernel may deliver several datagrams of one sender in one piece.
    package var receivesSegments = false

    /// Networks that datagrams and connections may come from, as written: each for all listeners, or,
    /// after an address of `listenUDP` or `listenTCP` and `=`, for that listener. Empty accepts every source.
    package var allow: [String] = []

    /// Whether lines of text are accepted, and not only the push protocol.
    package var takesText = true

    package var names = NameStyle.classic

    /// The file of mapping rules; nil for none.
    package var mappingFile: String?

    /// How lines are read at a listener that has no sign of its own.
    package var lines = StatsDOptions()

    /// Listeners whose gauges have a sign of their own.
    package var gaugeSigns = GaugeSigns()

    /// How lines are read at a listener.
    ///
    /// - Parameter listener: Its address as written.
    package func lines(at listener: String) -> StatsDOptions {
      var options = lines
      options.gaugeSign = gaugeSigns[listener] ?? lines.gaugeSign
      options.takesNegativeCounters = mappingFile != nil
      return options
    }

    /// Half of the cores, because the other half serves the senders and the scrape; 1 to 8.
    static func receivers(forCores cores: Int) -> Int {
      min(max(1, cores / 2), FlagBounds.receiversByDefaultMax)
    }
  }

  /// What happens to series over time: `--series.*`.
  package struct Series: Sendable, Equatable {
    package var lifetimes = SeriesLifetimes()

    /// Lifetimes by name, in the order of the command line.
    package var lifetimesByName: [SeriesRules.Rule<UInt32?>] = []

    /// For how long a new counter or histogram is shown as 0, up to
    /// `FlagBounds.zeroFirstSecondsMax`.
    package var zeroFirstSeconds: UInt32 = 0
  }

  /// Instances that push: `--push.*` and `--limit.push-*`.
  package struct Push: Sendable, Equatable {
    /// The keys that frames are signed with; nil accepts unsigned frames.
    package var keysFile: String?
    /// `gaugeSeconds` is not above `retireSeconds`.
    package var limits = OwnerLimits()
  }

  /// What is kept on disk: `--state.*`.
  package struct State: Sendable, Equatable {
    /// The directory of the state file; nil keeps nothing.
    package var directory: String?
    /// The longest time from one commit to the next, in seconds.
    package var intervalSeconds: UInt32 = 5
    package var onError = OnError.refuse

    /// What a scrape gets while an old state file can neither be replaced nor removed.
    package enum OnError: String, CaseIterable, Sendable {
      /// 503: it shows nothing that a restart would take back.
      case refuse
      /// The page. After a restart counters may step back.
      case serve
    }
  }

  /// What is logged, and how: `--log.*`.
  package struct Log: Sendable, Equatable {
    package var level = LogLevel.info
    package var format = LogFormat.logfmt
  }
}

/// The severity of a log event, from least to most.
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

/// The form of a log line.
package enum LogFormat: String, CaseIterable, Sendable {
  /// `ts=2026-01-02T03:04:05.678Z level=info msg="what happened" key=value`
  case logfmt
  /// `{"ts":"2026-01-02T03:04:05.678Z","level":"info","msg":"what happened","key":"value"}`
  case json
}

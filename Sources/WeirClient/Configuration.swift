import Glibc

/// How a client sends, and to where.
///
/// ```swift
/// var configuration = Configuration(server: "weir.internal:8125")
/// configuration.labels = ["service": "gateway"]
/// let client = try Client(configuration)
/// ```
public struct Configuration: Sendable {
  /// Where Weir receives, `host:port`. A name is looked up in the background, again each minute, and
  /// need not be known yet. The socket is opened anew each minute too, for an address as for a name:
  /// what keeps track of connections on the way, as in Kubernetes, may have lost where the old one led.
  public var server: String

  /// Labels that all series of this process have. Where a series has one of the same name, its own
  /// holds.
  public var labels: [String: String] = [:]

  /// The label `instance` of the `process_*` metrics; by default `host:pid`.
  public var instance: String?

  /// How often what has changed is sent, a tenth sooner or later by chance: 10 ms to 5 s.
  public var flushInterval: Duration = .seconds(1)

  /// Bytes of a datagram: 512 to 65,507. The default passes through an Ethernet with a tunnel or two
  /// in one piece; of longer ones a single lost piece loses all.
  public var frameBytesMax = 1_432

  /// Series that are kept, beside those that were removed. One more is counted in
  /// `push_client_series_overflow_total`, and what it records goes nowhere.
  public var seriesMax = 10_000

  /// Whether the client sends what the system tells of this process: memory, CPU time, descriptors,
  /// threads, age. Of several clients of a process that send to the same server, the first does.
  public var collectsProcessMetrics = true

  /// Whether `process_cpu_user_seconds_total` and `process_cpu_system_seconds_total` have the label
  /// `instance`.
  ///
  /// Without it Weir adds up the CPU time of all processes with the same labels, and one that has ended
  /// leaves no series behind. With it each has its own, which stays in Weir when the process is gone:
  /// choose it where processes are few, or give them names that come back (``instance``).
  public var perProcessCPU = false

  /// How long the last flush may hold up the end of the process, where the client was not closed
  /// before; zero leaves it out.
  public var exitTimeout: Duration = .seconds(1)

  /// Signals at which the last frames are sent before they take their course; none by default.
  ///
  /// Where a signal would end the process, all clients are closed first, within ``exitTimeout``. Where
  /// the application had a handler of its own before the client began, everything is flushed, and the
  /// handler then gets the signal. One that was ignored stays ignored. An application that sets its own
  /// handler later takes the signal over, and needs none of this where it ends by `exit` or by returning.
  public var signals: Set<Signal> = []

  /// The key that frames are signed with, where Weir has `--push.keys-file`.
  public var key: SigningKey?

  public init(server: String = "127.0.0.1:8125") {
    self.server = server
  }

  /// A signal that ends a process which has no handler for it.
  public enum Signal: Sendable, Hashable, CaseIterable {
    /// SIGTERM, by which service managers and Kubernetes stop a process.
    case terminate
    /// SIGINT, which Control-C sends.
    case interrupt
    /// SIGHUP, which comes when a terminal goes.
    case hangup

    var number: Int32 {
      switch self {
      case .terminate: SIGTERM
      case .interrupt: SIGINT
      case .hangup: SIGHUP
      }
    }
  }
}

/// What is wrong with a configuration, as a sentence that says what to write instead.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String
}

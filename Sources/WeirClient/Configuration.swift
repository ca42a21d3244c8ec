import Glibc

/// The configuration of a client.
///
/// ```swift
/// var configuration = Configuration(server: "weir.internal:8125")
/// configuration.labels = ["service": "gateway"]
/// let client = try Client(configuration)
/// ```
public struct Configuration: Sendable {
  /// The address of Weir, `host:port`. A name is resolved in the background, again each minute; it
  /// may be unknown at the start. The socket is also reopened each minute, for an address as well
  /// as for a name, because connection tracking on the way (as in Kubernetes) may still forward the
  /// old socket's datagrams to a server that no longer exists.
  public var server: String

  /// Labels of all series of this process. A series' own label of the same name takes precedence.
  public var labels: [String: String] = [:]

  /// The label `instance` of the `process_*` metrics; by default `host:pid`.
  public var instance: String?

  /// The interval between flushes: 10 ms to 5 s. Each interval varies randomly by up to a tenth.
  public var flushInterval: Duration = .seconds(1)

  /// The longest datagram in bytes: 512 to 65,507. The default fits into one Ethernet packet, even
  /// through one or two tunnels. Longer datagrams are fragmented, and one lost fragment loses the
  /// whole datagram.
  public var frameBytesMax = 1_432

  /// The limit on series, not counting removed ones. Series that exceed it are counted in
  /// `push_client_series_overflow_total`, and their values are discarded.
  public var seriesMax = 10_000

  /// Whether the client sends metrics of this process: memory, CPU time, descriptors, threads,
  /// uptime. If several clients of a process send to the same server, only the first does.
  public var collectsProcessMetrics = true

  /// Whether `process_cpu_user_seconds_total` and `process_cpu_system_seconds_total` have the label
  /// `instance`.
  ///
  /// Without it, Weir adds up the CPU time of all processes with the same labels, and a process
  /// that has ended leaves no series behind. With it, each process has its own series, which remain
  /// in Weir after the process has ended. Use it for few processes, or with instance names that are
  /// reused (``instance``).
  public var perProcessCPU = false

  /// How long the exit of the process may be delayed by the last flush, if the client was not
  /// closed before. Zero disables the last flush.
  public var exitTimeout: Duration = .seconds(1)

  /// Signals before which the client sends its last frames; none by default.
  ///
  /// If a signal would end the process, all clients are closed first, within ``exitTimeout``. If
  /// the application installed a handler before the client was created, all clients are flushed and
  /// the handler is called after that. An ignored signal remains ignored. A handler that the
  /// application installs later replaces the client's. An application that exits by `exit` or by
  /// returning from main does not need this.
  public var signals: Set<Signal> = []

  /// The key with which frames are signed, if Weir has `--push.keys-file`.
  public var key: SigningKey?

  public init(server: String = "127.0.0.1:8125") {
    self.server = server
  }

  /// A signal that ends a process without a handler for it.
  public enum Signal: Sendable, Hashable, CaseIterable {
    /// SIGTERM, by which service managers and Kubernetes stop a process.
    case terminate
    /// SIGINT, sent by Control-C.
    case interrupt
    /// SIGHUP, sent when the terminal is closed.
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

/// Why a configuration is invalid, as a sentence that says what to write instead.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String
}

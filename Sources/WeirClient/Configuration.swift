/// How a client sends, and to where.
///
/// ```swift
/// var configuration = Configuration(server: "weir.internal:8125")
/// configuration.labels = ["service": "gateway"]
/// let client = try Client(configuration)
/// ```
public struct Configuration: Sendable {
  /// Where Weir receives, `host:port`. A name is looked up in the background, again each minute, and
  /// need not be known yet.
  public var server: String

  /// Labels that all series of this process have. Where a series has one of the same name, its own
  /// holds.
  public var labels: [String: String] = [:]

  /// The label `instance` of the `process_*` metrics; by default `host:pid`.
  ///
  /// Counters of processes that are gone stay in Weir. Where processes come and go often, give them
  /// names that come back, such as a slot's.
  public var instance: String?

  /// How often what has changed is sent, a tenth sooner or later by chance: 10 ms to 5 s.
  public var flushInterval: Duration = .seconds(1)

  /// Bytes of a datagram: 512 to 65,507. The default passes through an Ethernet with a tunnel or two
  /// in one piece; of longer ones a single lost piece loses all.
  public var frameBytesMax = 1_432

  /// Series that are kept. One more is counted in `push_client_series_overflow_total`, and what it
  /// records goes nowhere.
  public var seriesMax = 10_000

  /// Whether the client sends what the system tells of this process: memory, CPU time, descriptors,
  /// threads, age.
  public var collectsProcessMetrics = true

  /// How long the last flush may hold up the end of the process, where the client was not closed
  /// before; zero leaves it out.
  public var exitTimeout: Duration = .seconds(1)

  /// The key that frames are signed with, where Weir has `--push.keys-file`.
  public var key: SigningKey?

  public init(server: String = "127.0.0.1:8125") {
    self.server = server
  }
}

/// What is wrong with a configuration, as a sentence that says what to write instead.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String
}

import WeirMetrics
import WeirWire

/// Counts what happens in this process, and tells Weir of it.
///
/// ```swift
/// import WeirClient
///
/// let client = try Client(Configuration(server: "127.0.0.1:8125"))
/// let requests = client.counter("llm_requests_total", labels: ["provider": "openai", "status": "ok"])
/// let duration = client.timer("llm_request_duration_seconds", labels: ["provider": "openai"])
///
/// requests.increment()
/// let answer = duration.measure { 6 * 7 }
/// print("the answer is \(answer)")
/// client.close()
/// ```
///
/// Make a handle for a series once and keep it: then recording takes some nanoseconds, allocates
/// nothing, and never waits or fails, whatever becomes of the network. A thread of the client's own
/// sends what has changed, once a second, as totals: a datagram that is lost is made good by the next.
/// Whether Weir is there makes no difference to the application.
///
/// A process that ends by returning or by `exit` sends what is left; one that is killed loses what it
/// recorded since its last flush, a second's worth at most.
///
/// In the child of a `fork` the client sends nothing, until ``restartAfterFork()`` is called there.
/// It sends by UDP; where there is none, as on some serverless hosts, the clients for Node and
/// Python can send the same frames over HTTP.
public final class Client: Sendable {
  private let core: Core

  /// Begins to send.
  ///
  /// - Throws: `ConfigurationError`, a sentence that says what to write instead. That the server does
  ///   not answer, or is not known, is no error.
  public convenience init(_ configuration: Configuration = Configuration())
    throws(ConfigurationError)
  {
    try self.init(configuration, in: Environment())
  }

  init(_ configuration: Configuration, in environment: Environment) throws(ConfigurationError) {
    core = Core(settings: try Settings(configuration), environment: environment)
    core.start()
  }

  /// What nobody refers to any more is closed, without waiting for it.
  deinit {
    core.requestClose(within: core.settings.exitNanoseconds)
  }

  /// A total that only grows, such as requests served. End the name with `_total`.
  ///
  /// Asking twice for the same name and labels gives the same counter, whatever the order of the
  /// labels. It is shown from the start, as 0.
  ///
  /// - Parameters:
  ///   - labels: What divides the metric. Each combination of values is a series by itself, so let
  ///     them be few.
  ///   - unit: What it counts, such as `bytes`; nil for none.
  ///   - help: A sentence for whoever meets the metric in Prometheus.
  public func counter(
    _ name: String, labels: [String: String] = [:], unit: String? = nil, help: String? = nil
  ) -> Counter {
    let series = series(name, labels)
    let cell = core.withRegistry { registry in
      registry.describe(series.name, unit: unit, help: help)
      return registry.counter(series)
    }
    return Counter(cell: cell ?? overflow(core.surplus.counter), core: core)
  }

  /// A value that goes up and down, such as a queue's length.
  ///
  /// - Parameter merge: What Weir shows where several processes set the same series.
  public func gauge(
    _ name: String, merge: Gauge.Merge = .last, labels: [String: String] = [:],
    unit: String? = nil, help: String? = nil
  ) -> Gauge {
    let series = series(name, labels)
    let cell = core.withRegistry { registry in
      registry.describe(series.name, unit: unit, help: help)
      return registry.gauge(series, merge.wire)
    }
    return Gauge(cell: cell ?? overflow(core.surplus.gauge), core: core)
  }

  /// Observations, counted by size.
  ///
  /// - Parameter bounds: Upper bounds of the buckets; what is not finite is left out, and they are
  ///   put in order. Nil for Weir's own, which are for seconds, 0.005 to 120, and which Weir folds all
  ///   others into: choose others only where they coincide with those, or native histograms are kept.
  public func histogram(
    _ name: String, bounds: [Double]? = nil, labels: [String: String] = [:],
    unit: String? = nil, help: String? = nil
  ) -> Histogram {
    let series = series(name, labels)
    let layout = Client.layout(bounds)
    let cell = core.withRegistry { registry in
      registry.describe(series.name, unit: unit, help: help)
      return registry.histogram(series, layout)
    }
    return Histogram(cell: cell ?? overflow(core.surplus.histogram), core: core)
  }

  /// How long something takes: a histogram in seconds with Weir's own bounds. End the name with
  /// `_seconds`.
  public func timer(
    _ name: String, labels: [String: String] = [:], help: String? = nil
  ) -> Timer {
    Timer(histogram: histogram(name, labels: labels, unit: "seconds", help: help))
  }

  /// Sends what has changed now, and not at the next second. Returns at once.
  public func flush() { core.run.hurry() }

  /// Sends everything once more, again and again until Weir has answered or the time is over.
  ///
  /// The gauges of this process then leave Weir; its totals stay. What is recorded afterwards goes
  /// nowhere.
  ///
  /// - Returns: whether Weir has confirmed all of it.
  @discardableResult
  public func close(timeout: Duration = .seconds(5)) -> Bool {
    core.requestClose(within: timeout.wholeNanoseconds)
    // A little longer, so that the thread gets to say how it ended.
    return core.waitUntilClosed(within: timeout.wholeNanoseconds + 100_000_000)
  }

  /// Begins to send in the child of a fork, as an instance of its own whose series are all at zero.
  ///
  /// Call it first of all in a child that lives on, such as a worker of a server that forks ahead; in one
  /// that becomes another program (`exec`) there is nothing to do. Anywhere else, and once closed, it does
  /// nothing.
  ///
  /// It is not done by itself, for Swift promises nothing about a child of a process that had several
  /// threads: where one of them was in the middle of something that the Swift runtime does but once,
  /// such as making a generic type, the child waits for it for ever. Fork before there are threads that
  /// do new things, or while they rest.
  public func restartAfterFork() { core.restartAfterFork() }

  /// What the client counted of itself since it began, or since the fork.
  public struct Statistics: Sendable, Hashable {
    /// Datagrams that the system took; some may have been lost on the way.
    public var framesSent: Int
    /// Datagrams that it did not take, or that there was no address for.
    public var framesFailed: Int
    /// Values that were not finite, or negative where none may be.
    public var valuesDropped: Int
    /// Requests for a series that there was no room for.
    public var seriesOverflow: Int
  }

  public var statistics: Statistics {
    Statistics(
      framesSent: Int(core.tally.framesSent.total),
      framesFailed: Int(core.tally.framesFailed.total),
      valuesDropped: Int(core.tally.valuesDropped.total),
      seriesOverflow: Int(core.tally.seriesOverflow.total))
  }

  private func overflow<Cell>(_ surplus: Cell) -> Cell {
    core.tally.seriesOverflow.add(1)
    return surplus
  }

  private func series(_ name: String, _ labels: [String: String]) -> PushFrameWriter.Series {
    let sorted = labels.sorted { $0.key < $1.key }
    return PushFrameWriter.Series(name, labels: sorted.map { .init($0.key, $0.value) })
  }

  private static func layout(_ bounds: [Double]?) -> HistogramBounds {
    guard let bounds else { return .standard }
    var ascending: [Double] = []
    for bound in bounds.filter(\.isFinite).sorted() where bound != ascending.last {
      ascending.append(bound)
    }
    return HistogramBounds(upper: Array(ascending.prefix(PushFormat.boundsMax)))
  }
}

import WeirMetrics
import WeirPush

/// Counts what happens in this process, and tells Weir of it.
///
/// ```swift
/// import WeirClient
///
/// let client = try Client(Configuration(server: "127.0.0.1:8125"))
/// let requests = try client.counter(
///   "llm_requests_total", labels: ["provider": "openai", "status": "ok"])
/// let duration = try client.timer(
///   "llm_request_duration_seconds", labels: ["provider": "openai"])
///
/// requests.increment()
/// let answer = duration.measure { 6 * 7 }
/// print("the answer is \(answer)")
/// client.close()
/// ```
///
/// Make a handle for a series once and keep it: then recording takes some nanoseconds, allocates
/// nothing, and never waits or fails, whatever becomes of the network. What is wrong with a definition is
/// thrown where the handle is made. A thread of the client's own sends what has changed, once a second,
/// as totals: a datagram that is lost is made good by the next. Whether Weir is there makes no
/// difference to the application.
///
/// A process that ends by returning or by `exit` sends what is left, and with
/// ``Configuration/signals`` one that is ended by a signal does too; one that is killed otherwise loses
/// what it recorded since its last flush, a second's worth at most.
///
/// In the child of a `fork` the client sends nothing, until ``restartAfterFork()`` is called there.
/// It sends by UDP; where there is none, as on some serverless hosts, the clients for Node and
/// Python can send the same frames over HTTP.
public final class Client: Sendable {
  let core: Core

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

  /// A client that records and never sends: for measurements that its thread would disturb.
  package init(withoutThread configuration: Configuration) throws(ConfigurationError) {
    core = Core(settings: try Settings(configuration), environment: Environment())
  }

  /// What nobody refers to any more is closed, without waiting for it.
  deinit {
    core.requestClose(within: core.settings.exitNanoseconds)
  }

  /// Sends what has changed now, and not at the next second. Returns at once.
  ///
  /// However often it is called before the thread comes to it, everything is sent once.
  public func flush() { core.run.hurry() }

  /// Sends everything once more, again and again until Weir has answered or the time is over.
  ///
  /// The gauges of this process then leave Weir; its totals stay. What is recorded afterwards goes
  /// nowhere, and is counted in ``Statistics/recordedAfterClose``. Where it is called twice, the first
  /// call says how long the frames are sent.
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
    /// Values that were recorded when the client was closed, and so are lost.
    public var recordedAfterClose: Int
  }

  public var statistics: Statistics {
    Statistics(
      framesSent: Int(core.tally.framesSent.total),
      framesFailed: Int(core.tally.framesFailed.total),
      valuesDropped: Int(core.tally.valuesDropped.total),
      seriesOverflow: Int(core.tally.seriesOverflow.total),
      recordedAfterClose: Int(core.tally.recordedAfterClose.total))
  }
}

import WeirMetrics
import WeirPush

/// Records metrics of this process and sends them to Weir.
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
/// Create the handle of a series once and keep it. Recording then takes a few nanoseconds, does not
/// allocate, and never blocks or fails, even without a network. Only creating a handle can throw,
/// for an invalid definition. A thread of the client sends all changes once a second. It sends
/// totals, so the next datagram replaces a lost one. The application works the same whether Weir is
/// reachable or not.
///
/// When the process exits by `exit` or by returning from main, the client sends the last changes;
/// with ``Configuration/signals`` also when a signal ends the process. If the process is killed in
/// another way, the changes since the last flush are lost: one second at most.
///
/// In the child process of a `fork` the client sends nothing until ``restartAfterFork()`` is
/// called. The client sends by UDP. Where UDP is not available, as on some serverless platforms,
/// the Node and Python clients can send the same frames over HTTP.
public final class Client: Sendable {
  let core: Core

  /// Creates a client and starts its thread.
  ///
  /// - Throws: `ConfigurationError`, a sentence that says what to write instead. An unreachable
  ///   server or an unknown host name is not an error.
  public convenience init(_ configuration: Configuration = Configuration())
    throws(ConfigurationError)
  {
    try self.init(configuration, in: Environment())
  }

  init(_ configuration: Configuration, in environment: Environment) throws(ConfigurationError) {
    core = Core(settings: try Settings(configuration), environment: environment)
    core.start()
  }

  /// A client that records but never sends, for measurements without its thread.
  package init(withoutThread configuration: Configuration) throws(ConfigurationError) {
    core = Core(settings: try Settings(configuration), environment: Environment())
  }

  /// Closes the client without waiting.
  deinit {
    core.requestClose(within: core.settings.exitNanoseconds)
  }

  /// Requests a flush now instead of at the next interval. Returns immediately.
  ///
  /// Several calls before the flush starts cause only one flush.
  public func flush() { core.run.requestFlush() }

  /// Sends all totals, and repeats them until Weir has confirmed them or the timeout is over.
  ///
  /// Weir then removes this process' gauges and keeps its totals. Values recorded after that are
  /// discarded and counted in ``Statistics/recordedAfterClose``. If it is called twice, the first
  /// timeout applies.
  ///
  /// - Returns: Whether Weir has confirmed all frames.
  @discardableResult
  public func close(timeout: Duration = .seconds(5)) -> Bool {
    core.requestClose(within: timeout.wholeNanoseconds)
    // A little longer, so that the thread can report the result.
    return core.waitUntilClosed(within: timeout.wholeNanoseconds + 100_000_000)
  }

  /// Restarts the client in the child process of a fork, as a new instance with all series at zero.
  ///
  /// Call it first in a child process that keeps running, such as a worker of a pre-forking server.
  /// It is not needed in one that calls `exec`. In the parent process, and after `close`, it does
  /// nothing.
  ///
  /// It is not called automatically, because Swift gives no guarantees for the child process of a
  /// process with several threads. If another thread was holding a lock of the Swift runtime during
  /// the fork, for example while it created a generic type, the child process can wait for it
  /// forever. Fork before other threads start, or while they are idle.
  public func restartAfterFork() { core.restartAfterFork() }

  /// The client's own counters since its start or since the fork.
  public struct Statistics: Sendable, Hashable {
    /// Datagrams that the kernel accepted. They may have been lost on the network.
    public var framesSent: Int
    /// Datagrams that the kernel refused, or that could not be sent because the host is unknown.
    public var framesFailed: Int
    /// Values that were not finite, or negative for a counter, histogram or timer.
    public var valuesDropped: Int
    /// Requests for series that exceeded the limit.
    public var seriesOverflow: Int
    /// Values recorded after the client was closed; they are lost.
    public var recordedAfterClose: Int
  }

  /// A snapshot of the client's own counters.
  public var statistics: Statistics {
    Statistics(
      framesSent: Int(core.tally.framesSent.total),
      framesFailed: Int(core.tally.framesFailed.total),
      valuesDropped: Int(core.tally.valuesDropped.total),
      seriesOverflow: Int(core.tally.seriesOverflow.total),
      recordedAfterClose: Int(core.tally.recordedAfterClose.total))
  }
}

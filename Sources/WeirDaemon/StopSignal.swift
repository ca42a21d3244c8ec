import Dispatch
import Glibc
import Synchronization

/// Waits for SIGTERM, SIGINT or a request to quit. A second signal ends the process at once.
struct StopSignal {
  private let reasons: AsyncStream<String>
  private let sources: [any DispatchSourceSignal]

  /// After this returns, neither signal ends the process by itself, and none is missed.
  ///
  /// - Parameter request: Requests a stop without a signal.
  init(_ request: StopRequest) async {
    reasons = request.reasons
    let feed = request.feed
    let queue = DispatchQueue(label: "weir.signals")
    var sources: [any DispatchSourceSignal] = []
    for (number, name) in [(SIGTERM, "SIGTERM"), (SIGINT, "SIGINT")] {
      // A signal before the source is registered is remembered, because an ignored signal is lost.
      signal(number) { StopSignal.early.store($0, ordering: .relaxed) }
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { feed.yield(name) }
      // A source sees signals only after it is registered, which happens on another thread.
      await withCheckedContinuation { registered in
        source.setRegistrationHandler { registered.resume() }
        source.activate()
      }
      if StopSignal.early.load(ordering: .relaxed) == number { feed.yield(name) }
      sources.append(source)
    }
    self.sources = sources
  }

  /// The last signal before its source was registered. A signal handler may only store a number.
  private static let early = Atomic<Int32>(0)

  /// Waits for the first signal or request, and returns its name.
  func first() async -> String {
    var iterator = reasons.makeAsyncIterator()
    let name = await iterator.next() ?? "nothing"
    for source in sources { source.cancel() }
    signal(SIGTERM, SIG_DFL)
    signal(SIGINT, SIG_DFL)
    return name
  }
}

/// Requests the stop, from any thread at any time.
struct StopRequest: Sendable {
  fileprivate let reasons: AsyncStream<String>
  fileprivate let feed: AsyncStream<String>.Continuation

  init() {
    (reasons, feed) = AsyncStream.makeStream(of: String.self)
  }

  func send(_ reason: String) {
    feed.yield(reason)
  }
}

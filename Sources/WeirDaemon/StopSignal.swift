import Dispatch
import Glibc

/// Waits for SIGTERM or SIGINT. A second one ends the process at once.
struct StopSignal {
  private let signals: AsyncStream<String>
  private let sources: [any DispatchSourceSignal]

  /// Once this returns, neither signal ends the process by itself, and none is missed.
  init() async {
    let (signals, feed) = AsyncStream.makeStream(of: String.self)
    self.signals = signals
    let queue = DispatchQueue(label: "weir.signals")
    var sources: [any DispatchSourceSignal] = []
    for (number, name) in [(SIGTERM, "SIGTERM"), (SIGINT, "SIGINT")] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { feed.yield(name) }
      // A source sees signals only once it is registered, which happens on another thread.
      await withCheckedContinuation { registered in
        source.setRegistrationHandler { registered.resume() }
        source.activate()
      }
      sources.append(source)
    }
    self.sources = sources
  }

  /// Waits for the first signal, and returns its name.
  func first() async -> String {
    var iterator = signals.makeAsyncIterator()
    let name = await iterator.next() ?? "nothing"
    for source in sources { source.cancel() }
    signal(SIGTERM, SIG_DFL)
    signal(SIGINT, SIG_DFL)
    return name
  }
}

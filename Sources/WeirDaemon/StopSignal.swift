import Dispatch
import Glibc

/// Waits for SIGTERM or SIGINT. A second one ends the process at once.
struct StopSignal {
  private let signals: AsyncStream<String>
  private let sources: [any DispatchSourceSignal]

  /// From here on the two signals no longer end the process by themselves.
  init() {
    let (signals, feed) = AsyncStream.makeStream(of: String.self)
    self.signals = signals
    let queue = DispatchQueue(label: "weir.signals")
    sources = [(SIGTERM, "SIGTERM"), (SIGINT, "SIGINT")].map { number, name in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { feed.yield(name) }
      source.activate()
      return source
    }
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

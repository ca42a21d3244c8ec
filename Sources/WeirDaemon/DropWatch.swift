import WeirSockets

/// Says in the log when the kernel has thrown datagrams away, at most once a minute a listener, and at
/// the stop.
///
/// Reading the count this often also keeps it right: the kernel's own has 32 bits.
actor DropWatch {
  static let intervalSeconds = 60

  private let listeners: [Listener]
  /// The receive buffer that was asked for.
  private let askedBufferBytes: Int
  private let log: Log
  /// What each listener had dropped at the last look.
  private var before: [UInt64]

  init(listeners: [Listener], askedBufferBytes: Int, log: Log) {
    self.listeners = listeners
    self.askedBufferBytes = askedBufferBytes
    self.log = log
    before = listeners.map { _ in 0 }
  }

  /// Asking for more is of use only where the kernel grants it.
  private func remedy(_ listener: Listener) -> String {
    listener.receiveBufferBytes < askedBufferBytes
      ? "sysctl -w net.core.rmem_max=\(askedBufferBytes)"
      : "raise --statsd.read-buffer or --statsd.receivers"
  }

  /// Watches until its task is cancelled.
  func run() async {
    while true {
      do {
        try await Task.sleep(for: .seconds(DropWatch.intervalSeconds))
      } catch {
        return
      }
      look()
    }
  }

  /// Says what was dropped since the last look.
  func look() {
    for (index, listener) in listeners.enumerated() {
      let dropped = listener.dropped
      if dropped > before[index] {
        log.warn(
          "the kernel dropped datagrams, the receive buffer was full",
          [
            "address": .text(listener.address.description),
            "dropped": .init(dropped - before[index]),
            "remedy": .text(remedy(listener)),
          ])
      }
      before[index] = dropped
    }
  }
}

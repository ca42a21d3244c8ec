import WeirSockets

/// Logs that the kernel has dropped datagrams, at most once a minute for each listener, and at the
/// stop.
///
/// The kernel's counter has 32 bits; it is read often enough that no overflow is missed.
actor DropWatch {
  static let intervalSeconds = 60

  private let listeners: [Listener]
  /// The receive buffer that was requested.
  private let askedBufferBytes: Int
  private let log: Log
  /// How many datagrams each listener had dropped at the last look.
  private var before: [UInt64]

  init(listeners: [Listener], askedBufferBytes: Int, log: Log) {
    self.listeners = listeners
    self.askedBufferBytes = askedBufferBytes
    self.log = log
    before = listeners.map { _ in 0 }
  }

  /// Requesting more helps only if the kernel grants it.
  private func remedy(_ listener: Listener) -> String {
    (listener.receiveBufferBytes ?? .max) < askedBufferBytes
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

  /// Logs what was dropped since the last look.
  func look() {
    for (index, listener) in listeners.enumerated() {
      let dropped = listener.dropped
      if dropped > before[index] {
        log.warn(
          "the kernel dropped datagrams because the receive buffer was full",
          [
            "address": .text(listener.name.description),
            "dropped": .init(dropped - before[index]),
            "remedy": .text(remedy(listener)),
          ])
      }
      before[index] = dropped
    }
  }
}

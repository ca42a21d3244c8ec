import WeirSockets

/// Says in the log when the kernel has thrown datagrams away, at most once a minute a listener.
///
/// Reading the count this often also keeps it right: the kernel's own has 32 bits.
struct DropWatch: Sendable {
  static let intervalSeconds = 60

  let listeners: [Listener]
  /// The receive buffer that was asked for.
  let askedBufferBytes: Int
  let log: Log

  /// Asking for more is of use only where the kernel grants it.
  private func remedy(_ listener: Listener) -> String {
    listener.receiveBufferBytes < askedBufferBytes
      ? "sysctl -w net.core.rmem_max=\(askedBufferBytes)"
      : "raise --statsd.read-buffer or --statsd.receivers"
  }

  /// Watches until its task is cancelled.
  func run() async {
    var before = listeners.map(\.dropped)
    while true {
      do {
        try await Task.sleep(for: .seconds(DropWatch.intervalSeconds))
      } catch {
        return
      }
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
}

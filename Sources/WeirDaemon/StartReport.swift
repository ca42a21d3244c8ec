import Glibc
import WeirConfiguration
import WeirSockets

/// Logs what was bound when Weir starts.
struct StartReport: Sendable {
  private let listeners: [Listener]
  private let keepsState: Bool
  private let log: Log
  /// The receive buffer that was requested for each UDP socket.
  let askedBufferBytes: Int

  init(listeners: [Listener], options: Options.StatsD, keepsState: Bool, log: Log) {
    self.keepsState = keepsState
    self.listeners = listeners
    self.log = log
    askedBufferBytes = min(options.readBufferBytes, SocketLimits.receiveBufferBytesMax)
  }

  /// - Parameter served: The addresses of the HTTP server.
  func write(served: [SocketAddress]) {
    log.info("starting Weir", ["version": .text(Version.current), "pid": .init(getpid())])
    for listener in listeners { write(listener) }
    for address in served {
      log.info("serving", ["address": .text(address.description)])
    }
    if !keepsState {
      log.info(
        "nothing is kept on disk: counters begin at 0 after a restart, and totals of instances that pushed "
          + "before it count only what they gain",
        ["remedy": .text("set --state.dir to keep everything")])
    }
    log.info("ready")
  }

  private func write(_ listener: Listener) {
    log.info(
      "listening for StatsD",
      [
        "address": .text(listener.address.description),
        "receivers": .init(listener.meters.count),
        "read_buffer_bytes": .init(listener.receiveBufferBytes),
      ])
    guard listener.receiveBufferBytes < askedBufferBytes else { return }
    log.warn(
      "the kernel granted a smaller receive buffer than requested, bursts may be lost",
      [
        "asked_bytes": .init(askedBufferBytes),
        "granted_bytes": .init(listener.receiveBufferBytes),
        "remedy": .text("sysctl -w net.core.rmem_max=\(askedBufferBytes)"),
      ])
  }
}

import Glibc
import WeirConfiguration
import WeirSockets

/// Logs what was bound when Weir starts.
struct StartReport: Sendable {
  private let listeners: [Listener]
  private let keepsState: Bool
  private let ignoredFlags: [Options.IgnoredFlag]
  private let log: Log
  /// The receive buffer that was requested for each UDP socket.
  let askedBufferBytes: Int

  init(listeners: [Listener], options: Options, keepsState: Bool, log: Log) {
    ignoredFlags = options.ignoredFlags
    self.keepsState = keepsState
    self.listeners = listeners
    self.log = log
    askedBufferBytes = min(options.statsd.readBufferBytes, SocketLimits.receiveBufferBytesMax)
  }

  /// - Parameter served: The addresses of the HTTP server.
  func write(served: [SocketAddress]) {
    log.info("starting Weir", ["version": .text(Version.current), "pid": .init(getpid())])
    for listener in listeners { write(listener) }
    for address in served {
      log.info("serving", ["address": .text(address.description)])
    }
    for flag in ignoredFlags {
      log.info("--\(flag.name) has no effect", ["because": .text(flag.reason)])
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
    guard listener.transport == .udp else { return writeOther(listener) }
    let receiveBufferBytes = listener.receiveBufferBytes ?? 0
    log.info(
      "listening for StatsD",
      [
        "address": .text(listener.name.description), "receivers": .init(listener.meters.count),
        "read_buffer_bytes": .init(receiveBufferBytes),
      ])
    guard receiveBufferBytes < askedBufferBytes else { return }
    log.warn(
      "the kernel granted a smaller receive buffer than requested, bursts may be lost",
      [
        "asked_bytes": .init(askedBufferBytes), "granted_bytes": .init(receiveBufferBytes),
        "remedy": .text("sysctl -w net.core.rmem_max=\(askedBufferBytes)"),
      ])
  }

  private func writeOther(_ listener: Listener) {
    let key: StaticString = listener.name.address == nil ? "path" : "address"
    let what =
      switch listener.transport {
      case .udp: "UDP"
      case .tcp: "TCP"
      case .unixgram: "a Unix datagram socket"
      case .unix: "a Unix stream socket"
      }
    log.info("listening for StatsD over \(what)", [key: .text(listener.name.description)])
  }
}

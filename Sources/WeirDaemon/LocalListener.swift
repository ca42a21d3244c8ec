import Dispatch
import Glibc
import WeirSockets

/// Listens on local sockets for commands such as `weir health`, and passes on connections of processes of the
/// same user. It belongs to an actor, on whose queue it calls.
struct LocalListener {
  private let queue: DispatchQueue
  private var sources: [any DispatchSourceRead] = []

  init(on queue: DispatchQueue) { self.queue = queue }

  /// Listens under the name of each address. A name that is taken is skipped, and logged.
  ///
  /// - Parameters:
  ///   - command: The command that finds Weir by these names.
  ///   - serve: Called on the queue for each connection. Connections of other users are closed.
  mutating func start(
    _ addresses: [SocketAddress], name: (SocketAddress) -> String, command: String, log: Log,
    _ serve: @escaping @Sendable (LocalSocket) -> Void
  ) {
    for address in addresses {
      do {
        listen(try LocalSocket.listen(name(address)), serve)
      } catch {
        log.warn(
          "\(command) cannot find this weir",
          ["address": .text(address.description), "error": .text("\(error)")])
      }
    }
  }

  /// Stops listening.
  mutating func end() {
    for source in sources { source.cancel() }
    sources = []
  }

  private mutating func listen(
    _ socket: LocalSocket, _ serve: @escaping @Sendable (LocalSocket) -> Void
  ) {
    let source = DispatchSource.makeReadSource(
      fileDescriptor: socket.descriptor.raw, queue: queue)
    source.setEventHandler {
      while let peer = socket.accept() {
        if (try? peer.peerUser()) == geteuid() { serve(peer) }
      }
    }
    source.setCancelHandler { withExtendedLifetime(socket) {} }
    source.activate()
    sources.append(source)
  }
}

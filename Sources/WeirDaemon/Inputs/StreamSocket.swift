import WeirSockets

/// A listening stream socket of either kind, as its receiver takes it.
struct StreamSocket: ~Copyable {
  let descriptor: FileDescriptor
  let name: SocketName
  /// Nil for TCP, and for a Unix socket that was handed over.
  let file: UnixSocketFile?
  let framing: StreamFraming
  /// Whether the process that handed it over has it, too, and keeps connections in its backlog for the next
  /// one.
  private let isShared: Bool

  /// Lines over TCP.
  init(_ listener: consuming TCPListener, isShared: Bool = false) {
    self.isShared = isShared
    name = .address(listener.address)
    file = nil
    framing = .lines
    descriptor = listener.intoDescriptor()
  }

  /// DogStatsD's payloads over a Unix socket.
  init(_ listener: consuming UnixListener) {
    name = .path(listener.path)
    file = listener.file
    isShared = listener.file == nil
    framing = .payloads
    descriptor = listener.intoDescriptor()
  }

  /// Refuses connections from now on, those in the backlog, too. A shared socket is left as it is.
  func stopListening() {
    if !isShared { descriptor.stopListening() }
  }
}

import WeirSockets

/// A listening socket with its source. Confined to the server's actor.
final class HTTPAcceptor {
  let listener: TCPListener
  var source: ReadinessSource?

  init(_ listener: consuming TCPListener) {
    self.listener = listener
  }
}

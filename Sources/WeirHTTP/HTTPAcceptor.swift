import WeirSockets

/// A listening socket with its source. Confined to the server's actor.
final class HTTPAcceptor {
  /// The index of its address in `HTTPServer.boundAddresses`.
  typealias ID = Int

  let listener: TCPListener
  var source: ReadinessSource?

  init(_ listener: consuming TCPListener) {
    self.listener = listener
  }
}

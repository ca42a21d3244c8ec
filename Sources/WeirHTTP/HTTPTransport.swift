import WeirSecurity
import WeirSockets

/// The byte stream of a connection: plain TCP, or TLS over TCP. Confined to the server's actor.
///
/// Calls never block. A TLS session may hold decrypted bytes after the socket has been emptied, which the
/// socket's source does not report: receive until there is nothing.
struct HTTPTransport: ~Copyable {
  private let stream: TCPStream
  /// Nil for plain TCP, and after `dropTLS`.
  private var tls: TLSSession?

  /// TLS whose handshake has not started, or plain TCP if `context` is nil.
  ///
  /// - Returns: nil if there is no memory for the session; the stream is closed then.
  init?(_ stream: consuming TCPStream, context: TLSContext?) {
    var tls: TLSSession?
    if let context {
      tls = TLSSession(context, descriptor: stream.descriptor.raw)
      if tls == nil { return nil }
    }
    self.stream = stream
    self.tls = tls
  }

  var peer: SocketAddress { stream.peer }

  /// The session, for the handshake on another thread; nil for plain TCP.
  var session: TLSSession? { tls }

  /// Whether something is left although a call to receive has found nothing: TLS reads a limited number of
  /// bytes at a time, and may have found no data in them.
  var hasUnread: Bool { tls != nil && stream.hasUnread() }

  /// Continues without TLS, to send an error to a client that does not speak TLS.
  mutating func dropTLS() {
    tls = nil
  }

  /// Reads available bytes into `buffer`, which must not be empty.
  func receive(
    into buffer: inout MutableSpan<UInt8>
  ) throws(HTTPTransportError) -> TCPStream.Received {
    guard let tls else {
      do throws(SystemError) {
        return try stream.receive(into: &buffer)
      } catch {
        throw HTTPTransportError()
      }
    }
    switch tls.receive(into: &buffer) {
    case .done(let count): return .bytes(count)
    case .wantsToRead: return .nothing
    case .end: return .end
    // Reading has to write only if the client updates its keys and does not read the answers.
    case .wantsToWrite, .failed: throw HTTPTransportError()
    }
  }

  /// Sends as much of `bytes` as possible without blocking. The next call must continue with the
  /// unsent rest.
  ///
  /// - Returns: The number of bytes taken; 0 if the peer must read first.
  func send(_ bytes: Span<UInt8>) throws(HTTPTransportError) -> Int {
    guard let tls else {
      do throws(SystemError) {
        return try stream.send(bytes)
      } catch {
        throw HTTPTransportError()
      }
    }
    switch tls.send(bytes) {
    case .done(let count): return count
    case .wantsToWrite: return 0
    // Renegotiation is disabled, so writing never has to read.
    case .wantsToRead, .end, .failed: throw HTTPTransportError()
    }
  }

  /// Whether the peer has closed its side and everything it sent has been read.
  func isAtEnd() -> Bool { stream.isAtEnd() }

  /// Selects how the connection ends: with a reset, which tells the peer that the data is
  /// incomplete, or with a normal close.
  func resetWhenClosed(_ isReset: Bool) {
    stream.resetWhenClosed(isReset)
  }

  /// Sends TLS's `close_notify`, if the session still can. The socket stays open.
  func sendCloseNotify() {
    tls?.sendCloseNotify()
  }

  /// Closes the sending side. The peer's data can still be read.
  func finishSending() {
    sendCloseNotify()
    stream.finishSending()
  }
}

/// The connection is broken and must be closed.
struct HTTPTransportError: Error {}

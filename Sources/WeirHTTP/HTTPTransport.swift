import WeirSecurity
import WeirSockets

/// What carries a connection's bytes: TCP as it is, or TLS over it. Confined to the server's actor.
///
/// Neither blocks. Of TLS, bytes may wait inside after the socket has been emptied, of which no
/// source tells; `hasPending` does.
struct HTTPTransport: ~Copyable {
  private let stream: TCPStream
  /// Nil for plain TCP, and once a client has turned out to speak no TLS.
  private var tls: TLSSession?

  /// TLS whose handshake is still to come, or plain TCP without a context.
  ///
  /// - Returns: nil, with the connection closed, where memory for TLS is short.
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

  /// What the handshake is made with, on another thread; nil for plain TCP.
  var session: TLSSession? { tls }

  /// Whether bytes have come that no readiness of the socket will tell of.
  var hasPending: Bool { tls?.hasPending ?? false }

  /// Goes on without TLS, so that a client that speaks none can be told so.
  mutating func becomePlain() {
    tls = nil
  }

  /// Reads what has come into `buffer`, which must not be empty.
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
    // To write while reading is asked for by clients that change keys and take no answers.
    case .wantsToWrite, .failed: throw HTTPTransportError()
    }
  }

  /// Hands over as much of `bytes` as goes now; a later call has to go on with the same bytes.
  ///
  /// - Returns: the number of bytes taken; 0 when the peer must read first.
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
    // There is no handshake after the first, so that nothing is to be read for writing.
    case .wantsToRead, .end, .failed: throw HTTPTransportError()
    }
  }

  /// Whether the peer sends no more, as the socket tells.
  func isAtEnd() -> Bool { stream.isAtEnd() }

  /// Has the connection end with a reset, so that the peer takes what it has got for broken off, or with
  /// an ordinary end again.
  func resetWhenClosed(_ isReset: Bool) {
    stream.resetWhenClosed(isReset)
  }

  /// Tells the peer that no more comes, where TLS can still tell it; the socket stays as it is.
  func sayGoodbye() {
    tls?.close()
  }

  /// Sends no more; what the peer sends can still be read.
  func finishSending() {
    sayGoodbye()
    stream.finishSending()
  }
}

/// The connection is of no more use.
struct HTTPTransportError: Error {}

import WeirSockets

/// What the server knows of one connection. Confined to the server's actor.
final class HTTPConnection {
  /// A connection does one thing at a time; requests that came early wait in its input.
  enum State {
    /// TLS is being agreed upon.
    case handshaking
    /// Waits for a request, or for the rest of one.
    case reading
    /// A password waits to be checked, or is; a body is read after it.
    case admitting
    /// A handler runs.
    case handling
    /// A response goes out.
    case writing
    /// The last response is out; waits for the client's end, and throws away what comes.
    case lingering
    /// The sources are on their way out; the descriptor closes after them.
    case closed
  }

  let id: UInt64
  /// Where it comes from.
  let network: ClientNetwork
  var transport: HTTPTransport
  let readable: ReadinessSource
  let writable: ReadinessSource
  /// What still uses the descriptor: sources whose cancel handler is still to come, and a step of the
  /// handshake that runs on another thread.
  var holders = 2
  /// Whether a step of the handshake runs on another thread, which has the session for as long.
  var isShaking = false
  /// Whether a request of it was let in.
  var wasAdmitted = false

  var state: State
  var parser: HTTPRequestParser
  /// Bytes received and not yet understood: at most a head's limit and one read.
  var input: [UInt8] = []
  /// The client will send no more; it may still read.
  var inputEnded = false
  /// A request whose body has not all come.
  var incoming: HTTPIncomingBody?
  /// Runs the handler, and then makes the body; cancelled with the connection.
  var task: Task<Void, Never>?
  var output: Output?

  /// When it began to wait for a whole request; decides who is evicted first.
  var waitingSince: UInt64
  /// When the first byte of the request at hand came; nil when none has.
  var requestSince: UInt64?
  /// When the client last took a byte.
  var progressAt: UInt64 = 0
  /// When the response began to go out, or lingering began.
  var stateSince: UInt64 = 0

  /// A response on its way.
  struct Output {
    /// Head and body, as far as they are there and not long out.
    var bytes: [UInt8]
    /// How many of them are out.
    var sent = 0
    /// Whether the body ends with them.
    var isWhole = true
    var framing: HTTPFraming
    /// Who makes the body, while enough of it waits to go out.
    var producer: CheckedContinuation<Bool, Never>?
    /// Not yet the answer: the request's body is read after it.
    var isInterim = false
    /// No further request is answered after this response.
    var closes: Bool
    /// Counted among the requests in flight.
    var isInFlight: Bool

    /// Bytes that wait for the client to take them.
    var unsentBytes: Int { bytes.count - sent }

    /// Adds what is to go out next.
    mutating func append(_ more: [UInt8]) {
      if unsentBytes == 0 { bytes = more } else { bytes = bytes[sent...] + more }
      sent = 0
    }
  }

  init(
    id: UInt64, transport: consuming HTTPTransport, state: State, readable: ReadinessSource,
    writable: ReadinessSource, parser: HTTPRequestParser, now: UInt64
  ) {
    self.id = id
    network = ClientNetwork(transport.peer)
    self.transport = transport
    self.state = state
    self.readable = readable
    self.writable = writable
    self.parser = parser
    waitingSince = now
  }

  /// Whether bytes wait for the client to take them.
  var isUnread: Bool { state == .writing && (output?.unsentBytes ?? 0) > 0 }

  /// In which order it is closed to make room for another; nil where it may not be. Whoever was never
  /// let in goes before who was, and who waits for a password to be checked after who waits for nothing.
  /// Of the same rank, the one that has waited longest goes first.
  var evictionRank: Int? {
    switch state {
    case .reading, .lingering, .handshaking: wasAdmitted ? 2 : 0
    case .admitting: 1
    case .handling, .writing, .closed: nil
    }
  }
}

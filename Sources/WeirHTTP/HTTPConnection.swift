import Dispatch
import WeirSockets

/// The state of one connection. Confined to the server's actor.
final class HTTPConnection {
  typealias ID = UInt64

  /// What a connection is doing; see the diagram at `HTTPServer`. Pipelined requests wait in
  /// `input`.
  enum State {
    /// The TLS handshake is not finished.
    case handshaking
    /// Waits for a request or for the rest of one.
    case reading
    /// A request waits until its password has been checked. Its body has not been read.
    case checkingPassword
    /// A handler runs.
    case handling
    /// A response is being sent.
    case writing
    /// The last response has been sent. Waits for the client to close; what it sends is discarded.
    case lingering
    /// The sources are being cancelled; the descriptor is closed after them.
    case closed
  }

  let id: ID
  /// The client's network, for limits per client.
  let network: ClientNetwork
  var transport: HTTPTransport
  let readable: ReadinessSource
  let writable: ReadinessSource
  /// Users of the descriptor: the two sources, until their cancel handlers have run, and a
  /// handshake step on another thread.
  var descriptorUsers = 2
  /// Whether a handshake step runs on another thread, which then has exclusive use of the session.
  var isHandshakeStepRunning = false
  /// Whether a request on this connection has been authorized.
  var wasAuthorized = false

  var state: State
  var parser: HTTPRequestParser
  /// Bytes received and not yet parsed: at most the limit for a head, and one read.
  var input: [UInt8] = []
  /// Whether the last read may have left something.
  private(set) var mayHaveMore = false
  /// Whether a turn of reading is on the queue, or runs.
  var isTurnQueued = false
  /// Whether the client has closed its side. It may still read.
  var inputEnded = false
  /// The request whose body is being received.
  var incoming: HTTPIncomingBody?
  /// Runs the handler and then produces the body. Cancelled when the connection is closed.
  var task: Task<Void, Never>?
  var output: Output?

  /// When the connection began to wait for a complete request. Decides which is evicted first.
  var waitingSince: DispatchTime
  /// When the first byte of the current request arrived; nil before that.
  var requestSince: DispatchTime?
  /// When the client last read a byte of the response.
  var progressAt: DispatchTime
  /// When writing, lingering or the password check began.
  var stateSince: DispatchTime

  /// A response that is being sent.
  struct Output {
    /// The part of head and body that has been produced and not been dropped after sending.
    var bytes: [UInt8]
    /// How many of `bytes` have been sent.
    var sent = 0
    /// Whether `bytes` include the end of the body.
    var isComplete = true
    var framing: HTTPFraming
    /// The producer of the body, suspended until enough has been sent.
    var producer: CheckedContinuation<Bool, Never>?
    /// Whether this is `100 Continue`: the request's body is read after it.
    var isInterim = false
    /// How long the response may take; nil for the limit of all.
    var secondsMax: Double?
    /// Whether the connection closes after this response.
    var closes: Bool
    /// Whether the response counts among the requests in flight.
    var isInFlight: Bool

    var unsentBytes: Int { bytes.count - sent }

    /// Appends `more`, and drops the bytes that have been sent.
    mutating func append(_ more: [UInt8]) {
      if unsentBytes == 0 { bytes = more } else { bytes = bytes[sent...] + more }
      sent = 0
    }
  }

  init(
    id: ID, transport: consuming HTTPTransport, state: State, readable: ReadinessSource,
    writable: ReadinessSource, parser: HTTPRequestParser, now: DispatchTime
  ) {
    self.id = id
    network = ClientNetwork(transport.peer)
    self.transport = transport
    self.state = state
    self.readable = readable
    self.writable = writable
    self.parser = parser
    waitingSince = now
    progressAt = now
    stateSince = now
  }

  /// Notes what the last read has found.
  func note(_ received: TCPStream.Received) {
    switch received {
    case .bytes: mayHaveMore = true
    case .nothing: mayHaveMore = transport.hasUnread
    case .end: mayHaveMore = false
    }
  }

  /// Whether what the client sends is read now.
  var isRead: Bool { state == .reading || state == .lingering }

  /// Whether sent data is still unread by the client.
  var isUnread: Bool { state == .writing && (output?.unsentBytes ?? 0) > 0 }

  /// The order in which connections are closed to make room, lowest first; nil for a busy one.
  /// Among equal ranks the one that has waited longest is closed first.
  ///
  /// | rank | connection |
  /// | --- | --- |
  /// | 0 | idle, never authorized |
  /// | 1 | waits for a password check |
  /// | 2 | idle, authorized before |
  var evictionRank: Int? {
    switch state {
    case .reading, .lingering, .handshaking: wasAuthorized ? 2 : 0
    case .checkingPassword: 1
    case .handling, .writing, .closed: nil
    }
  }
}

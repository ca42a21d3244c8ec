// Safety: the actor holds its executor, so the unowned reference to the executor never dangles.

import Dispatch
import WeirSockets

/// An HTTP/1.1 server for a few pages. No client can stop it, slow it down for others, or exhaust
/// its memory: everything has a limit (`HTTPLimits`).
///
/// All sockets belong to one serial queue and never block. Handlers run elsewhere, one at a time
/// per connection, so pipelined requests are answered in order. A request body is read and
/// discarded unless its path accepts one. `HTTPSecurity` decides when a connection is accepted
/// whether it uses TLS.
///
/// The states of a connection (`HTTPConnection.State`). Any state can also end in `closed`.
///
/// ```
/// accepted ─┬─ TLS ───▶ handshaking ─┐
///           └─ plain ────────────────┴─▶ reading ◀─────────────────────────┐
///                                           │                              │ keep-alive
///             ┌─ password not known yet ────┼────── access denied ───┐     │
///             ▼                             ▼                        ▼     │
///       checkingPassword ── correct ──▶ handling ───────────────▶ writing ─┤
///             │                                                      ▲     │ close
///             └──────────── wrong ───────────────────────────────────┘     ▼
///                                                       closed ◀────── lingering
/// ```
///
/// A path that accepts a body has its password checked before the body is read: `checkingPassword`
/// then goes back to `reading`.
package actor HTTPServer {
  /// The addresses that the server listens on. A requested port 0 is replaced by the kernel's
  /// choice.
  package nonisolated let boundAddresses: [SocketAddress]

  let limits: HTTPLimits
  let handler: HTTPHandler
  nonisolated let bodyRule: @Sendable (HTTPRequest) -> HTTPBodyRule?
  let unixSeconds: @Sendable () -> Int64
  nonisolated let counters: HTTPCounters
  nonisolated let security: HTTPSecurity
  private let executor: DispatchQueueExecutor

  var acceptors: [HTTPAcceptor.ID: HTTPAcceptor] = [:]
  var connections: [HTTPConnection.ID: HTTPConnection] = [:]
  /// Closed connections whose descriptor is still open, because its sources have not finished.
  var closing: [HTTPConnection.ID: HTTPConnection] = [:]
  /// Connections that wait for a step of their TLS handshake.
  var handshakes = HandshakeQueue()
  /// Handshake steps that run or are queued on `handshakeThread`.
  var handshakeStepsRunning = 0
  var knownNetworks = KnownNetworks()
  nonisolated let handshakeThread = DispatchQueue(label: "weir.handshakes", qos: .utility)
  /// Released to accept one more connection when no other descriptor is left.
  var spare = SpareDescriptor()
  var requestsInFlight = 0
  /// Bodies that are made whole at the moment.
  var wholeBodies = 0
  /// Bytes of request bodies that are being received or that a handler holds.
  var bodyBytesInFlight = 0
  var isSweeping = false
  var isStopping = false
  var stopWaiters: [CheckedContinuation<Void, Never>] = []
  /// Every read goes into this buffer first.
  var readBuffer: [UInt8]
  private var lastConnection: HTTPConnection.ID = 0

  /// Binds all addresses or none. Connections wait in the kernel's backlog until `start`.
  ///
  /// - Parameters:
  ///   - handed: Further listening sockets, of TCP, which were handed over.
  ///   - counters: The statistics that the server updates.
  ///   - security: TLS, users and rate limit; its settings may change while the server runs.
  ///   - flag: The command-line option that gave the addresses, for error messages.
  ///   - unixSeconds: The wall clock, for the `Date` header.
  ///   - bodyRule: The body that a request may have, such as `HTTPRouter.bodyRule(of:)`; nil means that the
  ///     body is discarded.
  ///   - handler: Answers every well-formed request, for example `HTTPRouter.respond`.
  /// - Throws: `ListenError` for the first address that cannot be bound.
  package init(
    addresses: [SocketAddress], handed: [HandedSocket] = [], limits: HTTPLimits = HTTPLimits(),
    counters: HTTPCounters = HTTPCounters(), security: HTTPSecurity = HTTPSecurity(),
    flag: String,
    unixSeconds: @escaping @Sendable () -> Int64,
    bodyRule: @escaping @Sendable (HTTPRequest) -> HTTPBodyRule? = { _ in nil },
    handler: @escaping HTTPHandler
  ) throws(ListenError) {
    precondition(limits.readBytesMax > 0, "nothing can be read into an empty buffer")
    var acceptors: [HTTPAcceptor.ID: HTTPAcceptor] = [:]
    var bound: [SocketAddress] = []
    for address in addresses {
      let listener = try TCPListener.bind(
        to: address, isIPv6Only: address.leavesIPv4(to: addresses), flag: flag)
      let id = bound.count
      bound.append(listener.address)
      acceptors[id] = HTTPAcceptor(listener)
    }
    for socket in handed {
      let listener = socket.takeTCP()
      let id = bound.count
      bound.append(listener.address)
      acceptors[id] = HTTPAcceptor(listener)
    }
    self.acceptors = acceptors
    boundAddresses = bound
    self.limits = limits
    self.counters = counters
    self.security = security
    self.handler = handler
    self.bodyRule = bodyRule
    self.unixSeconds = unixSeconds
    readBuffer = [UInt8](repeating: 0, count: limits.readBytesMax)
    counters.update { $0.connectionsMax = limits.connectionsMax }
    executor = DispatchQueueExecutor(label: "weir.http")
  }

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  /// Whether the server accepts connections. An answer also shows that its queue is not blocked.
  package var isServing: Bool { !isStopping && acceptors.values.contains { $0.source != nil } }

  /// A snapshot of the counters; safe from any thread.
  package nonisolated var statistics: HTTPStatistics { counters.read() }

  nonisolated var queue: DispatchQueue { executor.queue }

  /// A connection number that has not been used before.
  func nextConnectionID() -> HTTPConnection.ID {
    lastConnection += 1
    return lastConnection
  }

  var now: DispatchTime { .now() }

  /// Accepts connections until `stop`. Call it once.
  package func start() {
    for (id, acceptor) in acceptors where acceptor.source == nil {
      let descriptor = acceptor.listener.descriptor.raw
      let source = ReadinessSource(
        DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue),
        ready: { self.assumeIsolated { $0.accept(from: id) } },
        cancelled: { self.assumeIsolated { $0.acceptorClosed(id) } })
      acceptor.source = source
      source.arm()
    }
  }

  /// Stops the server. It accepts no more connections, closes those without a request, and gives
  /// responses in progress `graceSeconds` to reach their clients.
  ///
  /// A request that has arrived completely is answered, and its connection is closed after that.
  /// Returns when every connection is closed.
  package func stop(graceSeconds: Double) async {
    isStopping = true
    for (id, acceptor) in acceptors {
      if let source = acceptor.source { source.cancel() } else { acceptors[id] = nil }
    }
    for connection in connections.values where connection.state == .handshaking {
      close(connection)
    }
    for connection in connections.values { receiveLast(connection) }
    let grace = max(graceSeconds, 0)
    queue.asyncAfter(deadline: .now() + grace) {
      self.assumeIsolated { server in
        for connection in server.connections.values { server.close(connection) }
      }
    }
    if connections.isEmpty && closing.isEmpty && acceptors.isEmpty { return }
    await withCheckedContinuation { stopWaiters.append($0) }
  }

  /// Reads of a connection at a stop: enough for the longest body.
  private static var lastReadsMax: Int { 1_024 }

  /// Takes a request that is already in the socket's buffer, which counts as received, or closes the
  /// connection.
  func receiveLast(_ connection: HTTPConnection) {
    // Nobody else's connection is served meanwhile.
    for _ in 0..<HTTPServer.lastReadsMax where connection.state == .reading {
      receive(connection)
      if !connection.mayHaveMore { break }
    }
    if connection.state == .reading { close(connection) }
  }

  private func acceptorClosed(_ id: HTTPAcceptor.ID) {
    acceptors[id] = nil
    resumeStopWaiters()
  }

  /// Resumes the callers of `stop` after the last descriptor has closed.
  func resumeStopWaiters() {
    guard isStopping, connections.isEmpty, closing.isEmpty, acceptors.isEmpty else { return }
    let waiters = stopWaiters
    stopWaiters = []
    for waiter in waiters { waiter.resume() }
  }
}

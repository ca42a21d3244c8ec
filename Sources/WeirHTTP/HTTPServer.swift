// Safety: the actor holds the executor that it names, so that the unowned reference never dangles.

import Dispatch
import WeirSockets

/// An HTTP/1.1 server for a few pages, which no client can stop, slow down for others, or fill.
///
/// All sockets belong to one serial queue and never block: a response goes out as its reader takes
/// it. Handlers run elsewhere, one at a time per connection, so that pipelined requests are answered
/// in order. A request body is read and thrown away, unless its path takes one. Whether a connection
/// is TLS is decided when it is accepted, by `HTTPSecurity`.
package actor HTTPServer {
  /// Where it listens, with the ports that the kernel chose where 0 was asked.
  package nonisolated let boundAddresses: [SocketAddress]

  let limits: HTTPLimits
  let handler: HTTPHandler
  nonisolated let bodyBytesMax: @Sendable (HTTPRequest) -> Int?
  let unixSeconds: @Sendable () -> Int64
  nonisolated let counters: HTTPCounters
  nonisolated let security: HTTPSecurity
  private let executor: DispatchQueueExecutor

  var acceptors: [UInt64: HTTPAcceptor] = [:]
  var connections: [UInt64: HTTPConnection] = [:]
  /// Connections closed whose descriptor is still to go, for its sources are.
  var closing: [UInt64: HTTPConnection] = [:]
  /// Connections that wait for a step of their handshake.
  var handshakes = HandshakeQueue()
  /// Steps that the other thread makes or is about to make.
  var handshakesHandedOver = 0
  var knownNetworks = KnownNetworks()
  /// Where TLS handshakes are made.
  nonisolated let handshakeThread = DispatchQueue(label: "weir.handshakes", qos: .utility)
  /// Makes room for one more connection when no descriptor is left.
  var spare = SpareDescriptor()
  var requestsInFlight = 0
  /// Of bodies that are being received, and of those that a handler has.
  var bodyBytesInFlight = 0
  var isSweeping = false
  var isStopping = false
  var stopWaiters: [CheckedContinuation<Void, Never>] = []
  /// Where every read lands first.
  var readBuffer: [UInt8]
  private var lastID: UInt64 = 0

  /// Binds all addresses or none; clients wait in the kernel until `start`.
  ///
  /// - Parameters:
  ///   - counters: where the server keeps count, so that its pages may show it.
  ///   - security: whether connections are TLS; it may change while the server runs.
  ///   - flag: the operator's option for the addresses, for the sentence of an error.
  ///   - unixSeconds: the wall clock, for the `Date` header.
  ///   - bodyBytesMax: the longest body that a request may have, such as
  ///     `HTTPRouter.bodyBytesMax(of:)`; nil throws bodies away.
  ///   - handler: answers every request that is understood, such as `HTTPRouter.respond`.
  package init(
    addresses: [SocketAddress], limits: HTTPLimits = HTTPLimits(),
    counters: HTTPCounters = HTTPCounters(), security: HTTPSecurity = HTTPSecurity(),
    flag: String,
    unixSeconds: @escaping @Sendable () -> Int64,
    bodyBytesMax: @escaping @Sendable (HTTPRequest) -> Int? = { _ in nil },
    handler: @escaping HTTPHandler
  ) throws(ListenError) {
    var acceptors: [UInt64: HTTPAcceptor] = [:]
    var bound: [SocketAddress] = []
    for address in addresses {
      let listener = try TCPListener.bind(
        to: address, isIPv6Only: address.leavesIPv4(to: addresses), flag: flag)
      bound.append(listener.address)
      acceptors[UInt64(bound.count)] = HTTPAcceptor(listener)
    }
    self.acceptors = acceptors
    boundAddresses = bound
    lastID = UInt64(bound.count)
    self.limits = limits
    self.counters = counters
    self.security = security
    self.handler = handler
    self.bodyBytesMax = bodyBytesMax
    self.unixSeconds = unixSeconds
    readBuffer = [UInt8](repeating: 0, count: limits.readBytesMax)
    counters.update { $0.connectionsMax = limits.connectionsMax }
    executor = DispatchQueueExecutor(label: "weir.http")
  }

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  /// Whether requests are answered. Asked from outside it also tells that the queue moves.
  package var isServing: Bool { !isStopping && acceptors.values.contains { $0.source != nil } }

  /// What the server has done so far. Any thread may ask.
  package nonisolated var statistics: HTTPStatistics { counters.read() }

  nonisolated var queue: DispatchQueue { executor.queue }

  /// A number that no acceptor or connection of this server had before.
  func nextID() -> UInt64 {
    lastID += 1
    return lastID
  }

  /// Nanoseconds on a clock that only goes forward.
  var now: UInt64 { DispatchTime.now().uptimeNanoseconds }

  /// Accepts connections until `stop`. Call it once.
  package func start() {
    for (id, acceptor) in acceptors where acceptor.source == nil {
      let descriptor = acceptor.listener.descriptor.raw
      let source = ReadinessSource(
        DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue),
        ready: { self.assumeIsolated { $0.accept(id) } },
        cancelled: { self.assumeIsolated { $0.acceptorClosed(id) } })
      acceptor.source = source
      source.arm()
    }
  }

  /// Stops: no connection is accepted from now on, those without a request are closed, and responses
  /// in progress have `graceSeconds` to reach their readers.
  ///
  /// A request that has come whole is answered; its connection closes after that. Returns when every
  /// connection is closed.
  package func stop(graceSeconds: Double) async {
    isStopping = true
    for (id, acceptor) in acceptors {
      if let source = acceptor.source { source.cancel() } else { acceptors[id] = nil }
    }
    for connection in connections.values where connection.state == .handshaking {
      close(connection)
    }
    for connection in connections.values where connection.state == .reading {
      // What lies ready counts as come.
      receive(connection)
      if connection.state == .reading { close(connection) }
    }
    let grace = max(graceSeconds, 0)
    queue.asyncAfter(deadline: .now() + grace) {
      self.assumeIsolated { server in
        for connection in server.connections.values { server.close(connection) }
      }
    }
    if connections.isEmpty && closing.isEmpty && acceptors.isEmpty { return }
    await withCheckedContinuation { stopWaiters.append($0) }
  }

  private func acceptorClosed(_ id: UInt64) {
    acceptors[id] = nil
    resumeStopWaiters()
  }

  /// Wakes whoever waits in `stop`, when the last descriptor has closed.
  func resumeStopWaiters() {
    guard isStopping, connections.isEmpty, closing.isEmpty, acceptors.isEmpty else { return }
    let waiters = stopWaiters
    stopWaiters = []
    for waiter in waiters { waiter.resume() }
  }
}

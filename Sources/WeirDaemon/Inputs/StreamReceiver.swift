// Safety: the actor holds the executor that it names, so that the unowned reference never dangles.

import Dispatch
import WeirSockets

/// Serves one listening stream socket on a serial queue of its own: accepts, reads, and takes in what
/// connections send.
///
/// Nothing waits for a sender. Each connection has a source; when it can be read, a turn reads until nothing is
/// left, but at most `turnReadsMax` times, and whole messages go into the pipeline at once. What is not whole stays with the
/// connection. Dispatch serves the sources in turn, so that a fast sender holds nobody up.
///
/// ```
///                     ┌ source, limit: closed, counted
/// backlog ── accept ──┤
///                     └▶ open ── sender closes, idle, too long, error ──▶ closing ──▶ closed
///                          │ readable                                       after the source's
///                          ▼                                                last event
///                    StreamDivider ──▶ IngestPipeline
/// ```
actor StreamReceiver {
  /// What limits connections.
  struct Limits: Sendable {
    /// Shared by all stream listeners.
    var places: StreamPlaces
    /// Where connections may come from; empty for anywhere. Not for Unix sockets, which have a mode.
    var networks = SourceNetworks()
    /// Seconds without a byte after which a connection is closed; 0 for never.
    var idleSeconds = 0.0
  }

  /// Reads of one turn.
  static let turnReadsMax = 4
  /// How long the rest is read at a stop, so that a flood can't hold it up.
  static let drainSecondsMax = 2
  /// How long nothing is accepted when no descriptor is left.
  static let acceptPauseMilliseconds = 100

  /// Descriptors that senders leave to scrapes and files, should the limit fall while Weir runs.
  static let descriptorsLeftFree = 16

  private nonisolated let executor: DispatchQueueExecutor
  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }
  nonisolated var queue: DispatchQueue { executor.queue }

  let socket: StreamSocket
  let limits: Limits
  let meter: StreamMeter
  let log: Log
  private var pipeline: IngestPipeline
  private var divider = StreamDivider()
  var connections: [StreamConnection.ID: StreamConnection] = [:]
  /// Connections that have ended and whose source has not: it needs the descriptor.
  private var closing: [StreamConnection.ID: StreamConnection] = [:]
  private var lastConnection: StreamConnection.ID = 0
  var acceptor: ReadinessSource?
  /// Released to accept one more connection when no other descriptor is left.
  var spare = SpareDescriptor()
  private var isSweeping = false
  private(set) var isStopping = false
  var limitPace = LogPace()
  private var lengthPace = LogPace()

  init(
    _ socket: consuming StreamSocket, pipeline: consuming IngestPipeline, limits: Limits,
    meter: StreamMeter, log: Log
  ) {
    executor = DispatchQueueExecutor(label: "weir.streams", qos: .userInitiated)
    self.socket = socket
    self.pipeline = pipeline
    self.limits = limits
    self.meter = meter
    self.log = log
  }

  var now: DispatchTime { .now() }

  /// Returns when its queue has time, which a receiver that hangs never has.
  nonisolated func answer() async { await executor.answer() }

  /// Begins to accept. Connections wait in the kernel's backlog until then. Call it once.
  func start() {
    let source = ReadinessSource(
      DispatchSource.makeReadSource(fileDescriptor: socket.descriptor.raw, queue: queue),
      ready: { self.assumeIsolated { $0.accept() } },
      // The descriptor stays open until here, because the receiver holds it.
      cancelled: { withExtendedLifetime(self) {} })
    acceptor = source
    source.arm()
  }

  /// Takes in what connections have sent so far, those in the backlog too, and closes all of them.
  ///
  /// What is not whole then is not taken in: more of it may be on its way.
  func stop() {
    guard !isStopping, let acceptor else { return }
    // Before the last look, so that later connections fail.
    socket.file?.remove()
    let deadline = now + .seconds(StreamReceiver.drainSecondsMax)
    while acceptTurn() == .moreMayWait, now < deadline {}
    isStopping = true
    acceptor.cancel()
    // The descriptor stays open for as long as the receiver, and a sender must not believe that it is heard.
    socket.stopListening()
    self.acceptor = nil
    var open = Array(connections.values)
    while !open.isEmpty, now < deadline {
      open = open.filter { receive($0) == .some }
    }
    for connection in connections.values { close(connection, because: .stop) }
  }

  /// A number that no connection has had before.
  func nextID() -> StreamConnection.ID {
    lastConnection += 1
    return lastConnection
  }

  // MARK: Reading

  /// What a read found.
  private enum Progress {
    case nothing
    case some
    case closed
  }

  func becameReadable(_ id: StreamConnection.ID) {
    guard let connection = connections[id] else { return }
    for _ in 0..<StreamReceiver.turnReadsMax {
      switch receive(connection) {
      case .some: continue
      case .nothing, .closed: return
      }
    }
    // Dispatch may not call again: once both sides are closed, it removes the source after one event,
    // whatever is left to read.
    guard !connection.isTurnQueued else { return }
    connection.isTurnQueued = true
    queue.async {
      self.assumeIsolated {
        $0.connections[id]?.isTurnQueued = false
        $0.becameReadable(id)
      }
    }
  }

  /// Reads once, and takes in what is whole.
  private func receive(_ connection: StreamConnection) -> Progress {
    let received: TCPStream.Received
    do throws(SystemError) {
      var room = divider.read.data.mutableSpan
      received = try connection.stream.receive(into: &room)
    } catch {
      close(connection, because: .failed)
      return .closed
    }
    switch received {
    case .nothing: return .nothing
    case .bytes(let count):
      connection.lastBytesAt = now
      let found = divider.divide(count, after: &connection.rest, socket.framing)
      ingest(from: connection)
      guard found == .messages else {
        endTooLong(connection)
        return .closed
      }
      return .some
    case .end:
      if !divider.end(&connection.rest, socket.framing) { meter.update { $0.unfinished += 1 } }
      ingest(from: connection)
      close(connection, because: .sender)
      return .closed
    }
  }

  private func ingest(from connection: StreamConnection) {
    if divider.joined.count > 0 {
      divider.joined.sender = connection.sender
      pipeline.ingest(divider.joined)
    }
    if divider.read.count > 0 {
      divider.read.sender = connection.sender
      pipeline.ingest(divider.read)
    }
  }

  private func endTooLong(_ connection: StreamConnection) {
    // What is left is a part of it, which is counted.
    connection.rest = StreamRest()
    close(connection, because: .tooLong)
    guard let before = lengthPace.enter(at: now) else { return }
    let (what, limit) =
      switch socket.framing {
      case .lines: ("a line is too long, and its connection is closed", StreamFraming.lineBytesMax)
      case .payloads:
        ("a payload is too long, and its connection is closed", StreamFraming.payloadBytesMax)
      }
    log.warn(
      what,
      [
        "listener": .text(socket.name.description), "sender": .text(connection.sender.description),
        "bytes_max": .init(limit), "not_logged_before": .init(before),
      ])
  }

  // MARK: Closing

  /// Ends a connection. Its descriptor is closed after its source is cancelled.
  func close(_ connection: StreamConnection, because end: StreamEnd) {
    guard connections.removeValue(forKey: connection.id) != nil else { return }
    let isUnfinished = !connection.rest.isEmpty
    connection.rest = StreamRest()
    meter.update {
      $0.open -= 1
      $0.ended[end.index] += 1
      $0.unfinished += isUnfinished ? 1 : 0
    }
    limits.places.release()
    closing[connection.id] = connection
    connection.readable.cancel()
  }

  func release(_ id: StreamConnection.ID) {
    // Releasing the connection closes its descriptor.
    closing[id] = nil
    if !spare.isHeld { resumeAccepting() }
  }

  /// Looks for idle connections periodically, while there are any.
  func scheduleSweep() {
    guard limits.idleSeconds > 0, !isSweeping else { return }
    isSweeping = true
    let seconds = min(max(limits.idleSeconds / 8, 0.01), 10)
    queue.asyncAfter(deadline: now + seconds) {
      self.assumeIsolated { receiver in
        receiver.isSweeping = false
        receiver.sweep(at: receiver.now)
        if !receiver.connections.isEmpty { receiver.scheduleSweep() }
      }
    }
  }

  private func sweep(at now: DispatchTime) {
    let nanoseconds = UInt64(limits.idleSeconds * 1e9)
    for connection in connections.values
    where now > connection.lastBytesAt
      && now.uptimeNanoseconds - connection.lastBytesAt.uptimeNanoseconds >= nanoseconds
    {
      // What came just now may not have had its turn.
      if receive(connection) == .nothing { close(connection, because: .idle) }
    }
  }
}

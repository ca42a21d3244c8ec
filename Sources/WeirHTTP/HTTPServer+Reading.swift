import Dispatch
import WeirSockets

extension HTTPServer {
  func becameReadable(_ id: HTTPConnection.ID) {
    guard let connection = connections[id] else { return }
    switch connection.state {
    case .handshaking: awaitHandshake(connection)
    case .reading, .lingering: takeTurn(of: connection)
    case .checkingPassword, .handling, .writing, .closed: connection.readable.disarm()
    }
  }

  /// Reads of one turn, before other connections of the queue get theirs.
  private static var turnReadsMax: Int { 4 }

  /// Reads until nothing is left, the connection has other work, or the turn is over.
  private func takeTurn(of connection: HTTPConnection) {
    // Nothing has to queue another turn meanwhile.
    connection.isTurnQueued = true
    for _ in 0..<HTTPServer.turnReadsMax {
      switch connection.state {
      case .reading: receive(connection)
      case .lingering: discard(connection)
      default: break
      }
      if !connection.mayHaveMore || !connection.isRead { break }
    }
    connection.isTurnQueued = false
    readLater(connection)
  }

  /// Queues another turn if something may be left to read. The source can't be relied on for that: once both
  /// sides are closed, Dispatch removes it after one event, whatever is left. Nor does it know of bytes that
  /// the TLS session holds.
  private func readLater(_ connection: HTTPConnection) {
    guard connection.mayHaveMore, connection.isRead, !connection.isTurnQueued else { return }
    connection.isTurnQueued = true
    let id = connection.id
    queue.async {
      self.assumeIsolated { server in
        server.connections[id]?.isTurnQueued = false
        server.becameReadable(id)
      }
    }
  }

  /// Reads once and processes what was received.
  func receive(_ connection: HTTPConnection) {
    var buffer = readBuffer.mutableSpan
    let received: TCPStream.Received
    do throws(HTTPTransportError) {
      received = try connection.transport.receive(into: &buffer)
    } catch {
      return close(connection)
    }
    connection.note(received)
    switch received {
    case .nothing: return
    case .bytes(let count):
      if connection.requestSince == nil { connection.requestSince = now }
      connection.input += readBuffer[..<count]
    case .end:
      connection.inputEnded = true
    }
    advance(connection)
  }

  /// Processes the input until a handler has to run or the client has to read or to send more.
  func advance(_ connection: HTTPConnection) {
    while connection.state == .reading {
      do throws(HTTPRejection) {
        if connection.incoming != nil {
          if try receiveBody(of: connection) { continue }
        } else if let head = try connection.parser.next(in: &connection.input) {
          receivedHead(head, on: connection)
          continue
        }
        if !connection.inputEnded {
          connection.readable.arm()
          return readLater(connection)
        } else if connection.input.isEmpty && connection.incoming == nil {
          close(connection)
        } else {
          throw HTTPRejection("the request ended before it was complete")
        }
      } catch {
        reject(error, on: connection)
      }
    }
    if connection.state == .lingering { return readLater(connection) }
    // Reading continues after the response. TCP flow control stops a client that keeps sending.
    connection.readable.disarm()
  }

  /// Starts the handler of a request, or answers 503 if too many requests are in flight.
  ///
  /// - Parameters:
  ///   - body: The request's body; counts as in flight until the handler has finished.
  ///   - isAuthorized: Whether access has been checked already.
  func answer(
    _ head: HTTPRequestHead, body: [UInt8], isAuthorized: Bool, on connection: HTTPConnection
  ) {
    var request = head.request
    request.peer = connection.transport.peer
    request.body = body
    // Checked before the request counts as in flight, so denied requests use up no place.
    let access = isAuthorized ? .granted : security.access(for: request)
    switch access {
    case .denied(let denial):
      return respond(
        security.addingHeaders(to: denial), to: head, on: connection, isInFlight: false)
    case .pending: return awaitPasswordCheck(access, of: head, on: connection)
    case .granted: break
    }
    // A request for an open page says nothing about its sender.
    if !security.isOpen(request.path) {
      connection.wasAuthorized = true
      knownNetworks.insert(connection.network)
    }
    guard requestsInFlight < limits.requestsInFlightMax || evictStalledReader() else {
      bodyBytesInFlight -= body.count
      return respond(tooManyRequests, to: head, on: connection, isInFlight: false)
    }
    requestsInFlight += 1
    connection.state = .handling
    let (id, handler, security) = (connection.id, handler, security)
    connection.task = Task.detached { [request] in
      let response = await security.answer(request, access: .granted, handler: handler)
      if !request.body.isEmpty { await self.releaseBody(bytes: request.body.count) }
      if case .stream(let stream) = response.body {
        await self.sendStream(stream, of: response, to: head, on: id)
      } else {
        await self.handlerFinished(response, to: head, on: id)
      }
    }
  }

  private var tooManyRequests: HTTPResponse {
    .error(503, "too many requests in flight; try again later", headers: ["Retry-After": "1"])
  }

  /// Makes room for a response of `bytes` bytes, if necessary by closing stalled readers.
  ///
  /// - Returns: Whether there is room.
  private func makeRoom(bytes: Int) -> Bool {
    while true {
      let inFlight = connections.values.reduce(0) { $0 + ($1.output?.unsentBytes ?? 0) }
      if inFlight == 0 || inFlight + bytes <= limits.responseBytesInFlightMax { return true }
      guard evictStalledReader() else { return false }
    }
  }

  func handlerFinished(
    _ response: HTTPResponse, to head: HTTPRequestHead, on id: HTTPConnection.ID
  ) {
    guard let connection = connections[id], connection.state == .handling else {
      // The connection was closed while the handler ran.
      requestsInFlight -= 1
      return
    }
    let fits = makeRoom(bytes: response.body.byteCount)
    respond(fits ? response : tooManyRequests, to: head, on: connection, isInFlight: true)
    advance(connection)
  }

  func respond(
    _ response: HTTPResponse, with piece: HTTPBodyPiece? = nil, to head: HTTPRequestHead,
    on connection: HTTPConnection, isInFlight: Bool
  ) {
    send(
      response, with: piece, on: connection, closes: !head.keepsAlive || isStopping,
      version: head.request.version, omitsBody: head.request.method == "HEAD",
      isInFlight: isInFlight)
  }

  /// Answers with the error and closes the connection, because it is unknown where the next request
  /// starts.
  func reject(_ rejection: HTTPRejection, on connection: HTTPConnection) {
    let isHead =
      connection.incoming.map { $0.head.request.method == "HEAD" }
      ?? connection.input.starts(with: Array("HEAD ".utf8))
    dropBody(of: connection)
    send(
      .error(rejection.status, rejection.message, headers: rejection.headers), on: connection,
      closes: true, version: .http11, omitsBody: isHead, isInFlight: false)
  }

  /// Reads and discards what a client sends after its last response.
  private func discard(_ connection: HTTPConnection) {
    var buffer = readBuffer.mutableSpan
    do throws(HTTPTransportError) {
      let received = try connection.transport.receive(into: &buffer)
      connection.note(received)
      if received == .end { close(connection) }
    } catch {
      close(connection)
    }
  }
}

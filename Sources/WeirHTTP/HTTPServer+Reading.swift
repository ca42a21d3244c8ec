import Dispatch
import WeirSockets

extension HTTPServer {
  func becameReadable(_ id: UInt64) {
    guard let connection = connections[id] else { return }
    switch connection.state {
    case .handshaking: awaitHandshake(connection)
    case .reading: receive(connection)
    case .lingering: discard(connection)
    case .admitting, .handling, .writing, .closed: connection.readable.disarm()
    }
  }

  /// Reads once and goes on with what came.
  func receive(_ connection: HTTPConnection) {
    var buffer = readBuffer.mutableSpan
    let received: TCPStream.Received
    do throws(HTTPTransportError) {
      received = try connection.transport.receive(into: &buffer)
    } catch {
      return close(connection)
    }
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

  /// Reads what waits inside TLS, where the socket will not say so, once the others had their turn.
  private func readLater(_ id: UInt64) {
    queue.async { self.assumeIsolated { $0.becameReadable(id) } }
  }

  /// Answers what the input holds, until a handler has to run, or the client to read or to send.
  func advance(_ connection: HTTPConnection) {
    while connection.state == .reading {
      do throws(HTTPRejection) {
        if connection.incoming != nil {
          if try receiveBody(of: connection) { continue }
        } else if let head = try connection.parser.next(in: &connection.input) {
          begin(head, on: connection)
          continue
        }
        if !connection.inputEnded {
          connection.readable.arm()
          if connection.transport.hasPending { readLater(connection.id) }
          return
        } else if connection.input.isEmpty && connection.incoming == nil {
          close(connection)
        } else {
          throw HTTPRejection("the request ends before it is complete")
        }
      } catch {
        reject(error, on: connection)
      }
    }
    // Reading goes on when the response is out: the kernel holds up a client that sends on and on.
    if connection.state != .lingering { connection.readable.disarm() }
  }

  /// Hands a request to the handler, or says that too many run.
  ///
  /// - Parameters:
  ///   - body: What it carries, which counts among the bodies in flight until it was handled.
  ///   - isAdmitted: Whether it has been let in already.
  func answer(
    _ head: HTTPRequestHead, body: [UInt8], isAdmitted: Bool, on connection: HTTPConnection
  ) {
    var request = head.request
    request.peer = connection.transport.peer
    request.body = body
    // Whoever is turned away takes no place of those who are not.
    let admission = isAdmitted ? .admitted : security.admission(of: request)
    switch admission {
    case .refused(let refusal):
      return respond(security.dressed(refusal), to: head, on: connection, isInFlight: false)
    case .undecided: return awaitAdmission(admission, of: head, on: connection)
    case .admitted: break
    }
    // A page that is open to everybody shows nothing of who asks for it.
    if !security.isOpen(request.path) {
      connection.wasAdmitted = true
      knownNetworks.insert(connection.network)
    }
    guard requestsInFlight < limits.requestsInFlightMax || evictStalled() else {
      bodyBytesInFlight -= body.count
      return respond(busy, to: head, on: connection, isInFlight: false)
    }
    requestsInFlight += 1
    connection.state = .handling
    let (id, handler, security) = (connection.id, handler, security)
    connection.task = Task.detached { [request] in
      let response = await security.answer(request, .admitted, by: handler)
      if !request.body.isEmpty { await self.handledBody(of: request.body.count) }
      if case .stream(let stream) = response.body {
        await self.deliver(stream, of: response, to: head, on: id)
      } else {
        await self.handled(head, on: id, response: response)
      }
    }
  }

  private var busy: HTTPResponse {
    .error(
      503, "the server has as many answers under way as it may; try again later",
      headers: ["Retry-After": "1"])
  }

  /// Whether a response of so many bytes may go out beside the others, some of which may have to go.
  private func makeRoom(bytes: Int) -> Bool {
    while true {
      let inFlight = connections.values.reduce(0) { $0 + ($1.output?.unsentBytes ?? 0) }
      if inFlight == 0 || inFlight + bytes <= limits.responseBytesInFlightMax { return true }
      guard evictStalled() else { return false }
    }
  }

  func handled(_ head: HTTPRequestHead, on id: UInt64, response: HTTPResponse) {
    guard let connection = connections[id], connection.state == .handling else {
      // The connection was closed meanwhile.
      requestsInFlight -= 1
      return
    }
    let fits = makeRoom(bytes: response.body.byteCount)
    respond(fits ? response : busy, to: head, on: connection, isInFlight: true)
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

  /// Says what is wrong and closes, for where the next request begins is not known.
  func reject(_ rejection: HTTPRejection, on connection: HTTPConnection) {
    let isHead =
      connection.incoming.map { $0.head.request.method == "HEAD" }
      ?? connection.input.starts(with: Array("HEAD ".utf8))
    forgetBody(of: connection)
    send(
      .error(rejection.status, rejection.sentence, headers: rejection.headers), on: connection,
      closes: true, version: .http11, omitsBody: isHead, isInFlight: false)
  }

  /// Reads and throws away what a client sends after its last response.
  private func discard(_ connection: HTTPConnection) {
    var buffer = readBuffer.mutableSpan
    do throws(HTTPTransportError) {
      if try connection.transport.receive(into: &buffer) == .end { close(connection) }
    } catch {
      close(connection)
    }
  }
}

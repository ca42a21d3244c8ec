import Dispatch

extension HTTPServer {
  /// Handles a head whose body follows. If the path accepts a body, access is checked before any of
  /// the body is read.
  func receivedHead(_ head: HTTPRequestHead, on connection: HTTPConnection) {
    guard head.bodyBytesMax != nil else {
      connection.incoming = HTTPIncomingBody(head, limits: limits, now: now)
      return
    }
    var request = head.request
    request.peer = connection.transport.peer
    let access = security.access(for: request)
    switch access {
    case .granted: startBody(of: head, on: connection)
    case .denied(let denial):
      refuse(head, with: security.addingHeaders(to: denial), on: connection)
    case .pending: awaitPasswordCheck(access, of: head, on: connection)
    }
  }

  /// Answers without reading the body. If the request has one, the connection is closed.
  func refuse(
    _ head: HTTPRequestHead, with response: HTTPResponse, on connection: HTTPConnection
  ) {
    var head = head
    if head.bodyLength != .bytes(0) { head.keepsAlive = false }
    respond(response, to: head, on: connection, isInFlight: false)
  }

  /// Starts to read the body. Sends `100 Continue` if the client waits for it.
  func startBody(of head: HTTPRequestHead, on connection: HTTPConnection) {
    connection.incoming = HTTPIncomingBody(head, limits: limits, now: now)
    // A client that has already sent a part of the body does not wait.
    guard head.expectsContinue, head.bodyLength != .bytes(0), connection.input.isEmpty else {
      return
    }
    connection.output = HTTPConnection.Output(
      bytes: Array("HTTP/1.1 100 Continue\r\n\r\n".utf8), framing: .length(0), isInterim: true,
      closes: false, isInFlight: false)
    connection.state = .writing
    connection.stateSince = now
    connection.progressAt = connection.stateSince
    flush(connection)
  }

  /// Moves received bytes into the body, and answers the request when the body is complete.
  ///
  /// - Returns: Whether the body is complete.
  func receiveBody(of connection: HTTPConnection) throws(HTTPRejection) -> Bool {
    guard let before = connection.incoming?.bytes.count else { return false }
    defer { connection.incoming?.progressAt = now }
    let isComplete: Bool
    do throws(HTTPRejection) {
      isComplete = try connection.incoming?.take(from: &connection.input) ?? false
    } catch {
      countBody(of: connection, since: before)
      throw error
    }
    countBody(of: connection, since: before)
    while bodyBytesInFlight > limits.bodyBytesInFlightMax {
      guard evictStalledBody(except: connection) else {
        throw HTTPRejection(
          503, "too many request bodies in flight; try again later", headers: ["Retry-After": "1"])
      }
    }
    guard isComplete, let body = connection.incoming else { return false }
    connection.incoming = nil
    answer(body.head, body: body.bytes, isAuthorized: body.isKept, on: connection)
    return true
  }

  private func countBody(of connection: HTTPConnection, since before: Int) {
    bodyBytesInFlight += (connection.incoming?.bytes.count ?? before) - before
  }

  /// Rejects the body that has not progressed for the longest time, if that is at least
  /// `yieldStallSecondsMin`.
  ///
  /// - Returns: Whether a body was rejected.
  private func evictStalledBody(except connection: HTTPConnection) -> Bool {
    let now = now
    let stalled = connections.values.filter {
      guard $0 !== connection, let body = $0.incoming, !body.bytes.isEmpty else { return false }
      return now.seconds(since: body.progressAt) >= limits.yieldStallSecondsMin
    }
    guard let longest = stalled.min(by: { lastProgress(of: $0) < lastProgress(of: $1) }) else {
      return false
    }
    reject(
      HTTPRejection(408, "the request body stalled while its memory was needed; send it again"),
      on: longest)
    return true
  }

  private func lastProgress(of connection: HTTPConnection) -> DispatchTime {
    connection.incoming?.progressAt ?? .distantFuture
  }

  /// Discards the part of a body that has been received.
  func dropBody(of connection: HTTPConnection) {
    bodyBytesInFlight -= connection.incoming?.bytes.count ?? 0
    connection.incoming = nil
  }

  /// Called when the handler has finished with a body of `bytes` bytes.
  func releaseBody(bytes: Int) {
    precondition(bytes >= 0 && bytes <= bodyBytesInFlight, "more bytes released than received")
    bodyBytesInFlight -= bytes
  }
}

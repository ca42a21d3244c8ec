extension HTTPServer {
  /// Goes on after a head: who may come in is told before anything of a body is kept.
  func begin(_ head: HTTPRequestHead, on connection: HTTPConnection) {
    guard head.bodyBytesMax != nil else {
      connection.incoming = HTTPIncomingBody(head, limits: limits, now: now)
      return
    }
    var request = head.request
    request.peer = connection.transport.peer
    let admission = security.admission(of: request)
    switch admission {
    case .admitted: welcomeBody(of: head, on: connection)
    case .refused(let refusal): turnAway(head, security.dressed(refusal), on: connection)
    case .undecided: awaitAdmission(admission, of: head, on: connection)
    }
  }

  /// Answers without the body, and closes where one is to come.
  func turnAway(
    _ head: HTTPRequestHead, _ refusal: HTTPResponse, on connection: HTTPConnection
  ) {
    var head = head
    if head.bodyLength != .bytes(0) { head.keepsAlive = false }
    respond(refusal, to: head, on: connection, isInFlight: false)
  }

  /// Reads the body from now on, and tells a client so that waits for it.
  func welcomeBody(of head: HTTPRequestHead, on connection: HTTPConnection) {
    connection.incoming = HTTPIncomingBody(head, limits: limits, now: now)
    // Who has begun to send does not wait.
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

  /// Takes what has come of a body, and has the request answered when that is all.
  ///
  /// - Returns: Whether it was.
  func receiveBody(of connection: HTTPConnection) throws(HTTPRejection) -> Bool {
    guard let before = connection.incoming?.bytes.count else { return false }
    defer { connection.incoming?.progressAt = now }
    let isWhole: Bool
    do throws(HTTPRejection) {
      isWhole = try connection.incoming?.take(from: &connection.input) ?? false
    } catch {
      countBody(of: connection, since: before)
      throw error
    }
    countBody(of: connection, since: before)
    while bodyBytesInFlight > limits.bodyBytesInFlightMax {
      guard evictStalledBody(but: connection) else {
        throw HTTPRejection(
          503, "the server has as many request bodies under way as it may; try again later",
          headers: ["Retry-After": "1"])
      }
    }
    guard isWhole, let body = connection.incoming else { return false }
    connection.incoming = nil
    answer(body.head, body: body.bytes, isAdmitted: body.isKept, on: connection)
    return true
  }

  private func countBody(of connection: HTTPConnection, since before: Int) {
    bodyBytesInFlight += (connection.incoming?.bytes.count ?? before) - before
  }

  /// Ends the body that has stood still for longest, if that is long enough.
  private func evictStalledBody(but connection: HTTPConnection) -> Bool {
    let stalled = connections.values.filter {
      guard $0 !== connection, let body = $0.incoming, !body.bytes.isEmpty else { return false }
      return Double(now - body.progressAt) >= limits.yieldStallSecondsMin * 1e9
    }
    guard let longest = stalled.min(by: { progress(of: $0) < progress(of: $1) }) else {
      return false
    }
    reject(
      HTTPRejection(408, "the request body stood still while others needed its room"), on: longest)
    return true
  }

  private func progress(of connection: HTTPConnection) -> UInt64 {
    connection.incoming?.progressAt ?? .max
  }

  /// Lets go of what has come of a body.
  func forgetBody(of connection: HTTPConnection) {
    bodyBytesInFlight -= connection.incoming?.bytes.count ?? 0
    connection.incoming = nil
  }

  /// Gives back the room of a body that a handler has done with.
  func handledBody(of bytes: Int) {
    bodyBytesInFlight -= bytes
  }
}

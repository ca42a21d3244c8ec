import WeirSockets

extension HTTPServer {
  /// Starts to send a response. It may be sent completely before this returns; see the state.
  ///
  /// - Parameter piece: The first piece of a streamed body, not the last one.
  func send(
    _ response: HTTPResponse, with piece: HTTPBodyPiece? = nil, on connection: HTTPConnection,
    closes: Bool, version: HTTPRequest.Version, omitsBody: Bool, isInFlight: Bool
  ) {
    precondition(connection.output == nil, "a response is already being sent")
    counters.update { $0.requestsByStatus[response.status, default: 0] += 1 }
    let framing: HTTPFraming =
      switch response.body {
      case .bytes(let bytes): .length(bytes.count)
      case .stream: version == .http10 ? .close : .chunked
      }
    let closes = closes || framing == .close
    var output = HTTPConnection.Output(
      bytes: response.head(
        unixSeconds: unixSeconds(), closes: closes, version: version, framing: framing),
      framing: framing, closes: closes, isInFlight: isInFlight)
    if case .stream(let stream) = response.body { output.secondsMax = stream.secondsMax }
    if let piece {
      output.bytes += framing.framed(piece)
      output.isComplete = false
      // A normal close would mark the end of the body, even if the process ends in the middle of
      // it.
      if framing == .close { connection.transport.resetWhenClosed(true) }
    } else if case .bytes(let bytes) = response.body, !omitsBody, !response.isBodiless {
      output.bytes += bytes
    }
    connection.output = output
    connection.state = .writing
    connection.stateSince = now
    connection.progressAt = connection.stateSince
    flush(connection)
  }

  func becameWritable(_ id: HTTPConnection.ID) {
    guard let connection = connections[id] else { return }
    if connection.state == .handshaking { return awaitHandshake(connection) }
    guard connection.state == .writing else { return }
    flush(connection)
    advance(connection)
  }

  /// Sends until the kernel's buffer is full, at most `turnBytesMax` bytes.
  func flush(_ connection: HTTPConnection) {
    var turn = limits.turnBytesMax
    while let output = connection.output {
      if output.unsentBytes <= limits.streamedBytesMax { resumeProducer(of: connection) }
      guard output.unsentBytes > 0 else {
        if output.isComplete { return finish(output, on: connection) }
        // The next piece continues.
        return connection.writable.disarm()
      }
      guard turn > 0 else { break }
      let sent: Int
      do throws(HTTPTransportError) {
        let end = min(output.sent + turn, output.bytes.count)
        sent = try connection.transport.send(output.bytes.span.extracting(output.sent..<end))
      } catch {
        return close(connection)
      }
      guard sent > 0 else { break }
      connection.output?.sent += sent
      connection.progressAt = now
      turn -= sent
    }
    connection.writable.arm()
  }

  private func finish(_ output: HTTPConnection.Output, on connection: HTTPConnection) {
    connection.output = nil
    connection.writable.disarm()
    if output.isInterim {
      connection.state = .reading
      return
    }
    connection.task = nil
    if output.framing == .close { connection.transport.resetWhenClosed(false) }
    if output.isInFlight { requestsInFlight -= 1 }
    connection.stateSince = now
    connection.waitingSince = connection.stateSince
    if !output.closes && !isStopping {
      connection.state = .reading
      connection.requestSince = connection.input.isEmpty ? nil : connection.stateSince
    } else if connection.inputEnded {
      close(connection)
    } else {
      connection.state = .lingering
      connection.input = []
      connection.transport.finishSending()
      connection.readable.arm()
    }
  }
}

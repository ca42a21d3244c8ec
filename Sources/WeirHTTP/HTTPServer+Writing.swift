extension HTTPServer {
  /// Begins to send a response; the state tells afterwards how far that went.
  ///
  /// - Parameter piece: What there is of a streamed body, and is not the last of it.
  func send(
    _ response: HTTPResponse, with piece: HTTPBodyPiece? = nil, on connection: HTTPConnection,
    closes: Bool, version: HTTPRequest.Version, omitsBody: Bool, isInFlight: Bool
  ) {
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
    if let piece {
      output.bytes += framing.framed(piece)
      output.isWhole = false
      // Its end would be that of the body, wherever it comes, even with the process'.
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

  func becameWritable(_ id: UInt64) {
    guard let connection = connections[id] else { return }
    if connection.state == .handshaking { return awaitHandshake(connection) }
    guard connection.state == .writing else { return }
    flush(connection)
    advance(connection)
  }

  /// Sends what the kernel takes, up to a turn's share.
  func flush(_ connection: HTTPConnection) {
    var turn = limits.turnBytesMax
    while let output = connection.output {
      if output.unsentBytes <= limits.streamedBytesMax { resumeProducer(of: connection) }
      guard output.unsentBytes > 0 else {
        if output.isWhole { return finish(output, on: connection) }
        // Goes on with the next piece.
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

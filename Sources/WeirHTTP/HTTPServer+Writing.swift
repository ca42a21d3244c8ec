import WeirSockets

extension HTTPServer {
  /// Begins to send a response; the state tells afterwards how far that went.
  func send(
    _ response: HTTPResponse, on connection: HTTPConnection, closes: Bool,
    version: HTTPRequest.Version, omitsBody: Bool, isInFlight: Bool
  ) {
    counters.update { $0.requestsByStatus[response.status, default: 0] += 1 }
    let head = response.head(unixSeconds: unixSeconds(), closes: closes, version: version)
    let body = omitsBody || response.isBodiless ? [] : response.body
    // A short page leaves in one packet; a long one is not copied.
    let isShort = body.count <= Self.joinedBytesMax
    connection.output = HTTPConnection.Output(
      head: isShort ? head + body : head, body: isShort ? [] : body, closes: closes,
      isInFlight: isInFlight)
    connection.state = .writing
    connection.stateSince = now
    connection.progressAt = connection.stateSince
    flush(connection)
  }

  private static var joinedBytesMax: Int { 65_536 }

  func becameWritable(_ id: UInt64) {
    guard let connection = connections[id], connection.state == .writing else { return }
    flush(connection)
    advance(connection)
  }

  /// Sends what the kernel takes, up to a turn's share.
  private func flush(_ connection: HTTPConnection) {
    var turn = limits.turnBytesMax
    while let output = connection.output {
      guard output.sent < output.head.count + output.body.count else {
        return finish(output, on: connection)
      }
      guard turn > 0 else { break }
      let sent: Int
      do throws(SystemError) {
        sent = try Self.send(output, on: connection.stream, bytesMax: turn)
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

  private static func send(
    _ output: HTTPConnection.Output, on stream: borrowing TCPStream, bytesMax: Int
  ) throws(SystemError) -> Int {
    let inHead = output.sent < output.head.count
    let bytes = inHead ? output.head.span : output.body.span
    let start = inHead ? output.sent : output.sent - output.head.count
    let end = min(start + bytesMax, bytes.count)
    return try stream.send(bytes.extracting(start..<end))
  }

  private func finish(_ output: HTTPConnection.Output, on connection: HTTPConnection) {
    connection.output = nil
    connection.writable.disarm()
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
      connection.stream.finishSending()
      connection.readable.arm()
    }
  }
}

extension HTTPServer {
  /// Sends a response whose body is made piece by piece. Runs off the server's queue.
  nonisolated func deliver(
    _ stream: any HTTPBodyStream, of response: HTTPResponse, to head: HTTPRequestHead,
    on id: UInt64
  ) async {
    var isBegun = false
    do throws(HTTPBodyFailure) {
      // What fails before the first piece can still say so, and what is whole in it has a length.
      var piece = try await stream.next()
      if piece.isLast {
        var response = response
        response.body = .bytes(piece.bytes)
        return await handled(head, on: id, response: response)
      }
      // Then its head is that of GET, and costs no more than a piece.
      if head.request.method == "HEAD" {
        return await handled(head, on: id, response: response)
      }
      isBegun = true
      var goesOn = await begin(response, with: piece, to: head, on: id)
      while goesOn {
        piece = try await stream.next()
        goesOn = await self.goOn(with: piece, on: id)
      }
    } catch  where isBegun {
      await breakOff(id)
    } catch {
      await handled(head, on: id, response: .error(error.status, error.sentence))
    }
  }

  /// Sends the head and the first piece of a body.
  ///
  /// - Returns: When there is room for the next piece, whether one is wanted.
  private func begin(
    _ response: HTTPResponse, with piece: HTTPBodyPiece, to head: HTTPRequestHead, on id: UInt64
  ) async -> Bool {
    guard let connection = connections[id], connection.state == .handling else {
      requestsInFlight -= 1
      return false
    }
    respond(response, with: piece, to: head, on: connection, isInFlight: true)
    return await room(on: connection)
  }

  /// Sends a further piece.
  ///
  /// - Returns: When there is room for the next one, whether one is wanted.
  private func goOn(with piece: HTTPBodyPiece, on id: UInt64) async -> Bool {
    guard let connection = connections[id], let output = connection.output else { return false }
    // Its patience with the client begins when there is something to take.
    if output.unsentBytes == 0 { connection.progressAt = now }
    connection.output?.append(output.framing.framed(piece))
    connection.output?.isWhole = piece.isLast
    flush(connection)
    advance(connection)
    return piece.isLast ? false : await room(on: connection)
  }

  /// Waits until little enough waits to go out; false when the connection has closed.
  private func room(on connection: HTTPConnection) async -> Bool {
    guard let output = connection.output else { return false }
    if output.unsentBytes <= limits.streamedBytesMax { return true }
    return await withCheckedContinuation { connection.output?.producer = $0 }
  }

  func resumeProducer(of connection: HTTPConnection) {
    guard let producer = connection.output?.producer else { return }
    connection.output?.producer = nil
    producer.resume(returning: true)
  }

  /// Ends a response whose body can't be made to its end, unless it has been closed meanwhile.
  private func breakOff(_ id: UInt64) {
    if let connection = connections[id] { close(connection) }
  }
}

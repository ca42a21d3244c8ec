extension HTTPServer {
  /// Sends a response whose body is produced piece by piece. Runs outside the server's queue.
  nonisolated func sendStream(
    _ stream: any HTTPBodyStream, of response: HTTPResponse, to head: HTTPRequestHead,
    on id: HTTPConnection.ID
  ) async {
    var isStarted = false
    do throws(HTTPBodyFailure) {
      // The first piece is made before the head is sent: if it fails, the client gets the error's
      // status, and if it is the whole body, the response has a Content-Length.
      var piece = try await stream.next()
      if piece.isLast {
        var response = response
        response.body = .bytes(piece.bytes)
        return await handlerFinished(response, to: head, on: id)
      }
      // HEAD gets the headers that GET would get, for the price of one piece.
      if head.request.method == "HEAD" {
        return await handlerFinished(response, to: head, on: id)
      }
      if stream.mustBeWhole && head.request.version == .http10 {
        var response = response
        response.body = .bytes(try await whole(stream, after: piece, on: id))
        return await handlerFinished(response, to: head, on: id)
      }
      isStarted = true
      var wantsMore = await sendFirst(piece, of: response, to: head, on: id)
      while wantsMore {
        piece = try await stream.next()
        wantsMore = await sendNext(piece, on: id)
      }
    } catch  where isStarted {
      await abort(id)
    } catch {
      await handlerFinished(.error(error.status, error.message), to: head, on: id)
    }
  }

  /// The whole body of a stream.
  ///
  /// - Throws: What the stream throws, or 503 if the body is too long to be held in memory, if there are
  ///   too many such bodies, or if the connection was closed.
  private nonisolated func whole(
    _ stream: any HTTPBodyStream, after first: HTTPBodyPiece, on id: HTTPConnection.ID
  ) async throws(HTTPBodyFailure) -> [UInt8] {
    guard await beginWhole() else {
      throw HTTPBodyFailure(
        503, "too many whole pages are being made for HTTP/1.0; use HTTP/1.1, or try again")
    }
    let result: Result<[UInt8], HTTPBodyFailure>
    do throws(HTTPBodyFailure) {
      result = .success(try await collect(stream, after: first, on: id))
    } catch {
      result = .failure(error)
    }
    await endWhole()
    return try result.get()
  }

  private func beginWhole() -> Bool {
    guard wholeBodies < limits.wholeBodiesMax else { return false }
    wholeBodies += 1
    return true
  }

  private func endWhole() { wholeBodies -= 1 }

  /// Whether a connection still waits for its response.
  private func isWaiting(_ id: HTTPConnection.ID) -> Bool { connections[id]?.state == .handling }

  private nonisolated func collect(
    _ stream: any HTTPBodyStream, after first: HTTPBodyPiece, on id: HTTPConnection.ID
  ) async throws(HTTPBodyFailure) -> [UInt8] {
    var bytes = first.bytes
    var isLast = false
    while !isLast {
      // Nobody reads this error.
      guard await isWaiting(id) else { throw HTTPBodyFailure(503, "the connection was closed") }
      let piece = try await stream.next()
      bytes += piece.bytes
      isLast = piece.isLast
      guard bytes.count <= limits.wholeBytesMax else {
        throw HTTPBodyFailure(
          503,
          "the page has more than \(limits.wholeBytesMax) bytes, which is too long for HTTP/1.0; "
            + "use HTTP/1.1, or ask for fewer metrics with name[]")
      }
    }
    return bytes
  }

  /// Sends the head and the first piece of a body.
  ///
  /// - Returns: Whether the next piece is wanted; returns when there is room for it.
  private func sendFirst(
    _ piece: HTTPBodyPiece, of response: HTTPResponse, to head: HTTPRequestHead,
    on id: HTTPConnection.ID
  ) async -> Bool {
    guard let connection = connections[id], connection.state == .handling else {
      requestsInFlight -= 1
      return false
    }
    respond(response, with: piece, to: head, on: connection, isInFlight: true)
    return await waitForRoom(on: connection)
  }

  /// Sends the next piece of a body.
  ///
  /// - Returns: Whether another piece is wanted; returns when there is room for it.
  private func sendNext(_ piece: HTTPBodyPiece, on id: HTTPConnection.ID) async -> Bool {
    guard let connection = connections[id], let output = connection.output else { return false }
    // The write timeout starts when there is something for the client to read.
    if output.unsentBytes == 0 { connection.progressAt = now }
    connection.output?.append(output.framing.framed(piece))
    connection.output?.isComplete = piece.isLast
    flush(connection)
    advance(connection)
    return piece.isLast ? false : await waitForRoom(on: connection)
  }

  /// Waits until at most `streamedBytesMax` bytes are unsent; false if the connection was closed.
  private func waitForRoom(on connection: HTTPConnection) async -> Bool {
    guard let output = connection.output else { return false }
    if output.unsentBytes <= limits.streamedBytesMax { return true }
    return await withCheckedContinuation { connection.output?.producer = $0 }
  }

  func resumeProducer(of connection: HTTPConnection) {
    guard let producer = connection.output?.producer else { return }
    connection.output?.producer = nil
    producer.resume(returning: true)
  }

  /// Closes a connection whose response body cannot be completed.
  private func abort(_ id: HTTPConnection.ID) {
    if let connection = connections[id] { close(connection) }
  }
}

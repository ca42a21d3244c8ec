extension HTTPServer {
  /// Has a request wait until its password is checked. It takes no place of those that are answered.
  func awaitAdmission(
    _ admission: HTTPSecurity.Admission, of head: HTTPRequestHead, on connection: HTTPConnection
  ) {
    connection.state = .admitting
    connection.stateSince = now
    connection.waitingSince = connection.stateSince
    let (id, security) = (connection.id, security)
    connection.task = Task.detached {
      await self.decided(await security.refusal(of: admission), on: head, of: id)
    }
  }

  private func decided(
    _ refusal: HTTPResponse?, on head: HTTPRequestHead, of id: UInt64
  ) {
    guard let connection = connections[id], connection.state == .admitting else { return }
    connection.task = nil
    connection.state = .reading
    let takesBody = head.bodyBytesMax != nil
    switch refusal {
    case let refusal? where takesBody: turnAway(head, refusal, on: connection)
    case let refusal?: respond(refusal, to: head, on: connection, isInFlight: false)
    case nil where takesBody: welcomeBody(of: head, on: connection)
    case nil: answer(head, body: [], isAdmitted: true, on: connection)
    }
    advance(connection)
    // As `stop` does with connections that were reading then: what lies ready counts as come.
    if isStopping, connection.state == .reading { receive(connection) }
    if isStopping, connection.state == .reading { close(connection) }
  }
}

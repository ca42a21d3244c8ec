extension HTTPServer {
  /// Suspends a request until its password has been checked. It does not count as in flight.
  func awaitPasswordCheck(
    _ access: HTTPSecurity.Access, of head: HTTPRequestHead, on connection: HTTPConnection
  ) {
    connection.state = .checkingPassword
    connection.stateSince = now
    connection.waitingSince = connection.stateSince
    let (id, security) = (connection.id, security)
    connection.task = Task.detached {
      await self.passwordChecked(denial: await security.denial(for: access), of: head, on: id)
    }
  }

  private func passwordChecked(
    denial: HTTPResponse?, of head: HTTPRequestHead, on id: HTTPConnection.ID
  ) {
    guard let connection = connections[id], connection.state == .checkingPassword else { return }
    connection.task = nil
    connection.state = .reading
    let takesBody = head.bodyBytesMax != nil
    switch denial {
    case let denial? where takesBody: refuse(head, with: denial, on: connection)
    case let denial?: respond(denial, to: head, on: connection, isInFlight: false)
    case nil where takesBody: startBody(of: head, on: connection)
    case nil: answer(head, body: [], isAuthorized: true, on: connection)
    }
    advance(connection)
    // `stop` does the same for connections that were reading at that time.
    if isStopping { receiveLast(connection) }
  }
}

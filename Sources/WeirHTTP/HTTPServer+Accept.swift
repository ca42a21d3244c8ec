import Dispatch
import WeirSockets

extension HTTPServer {
  /// Accepts the connections that wait at a listening socket, at most `FileDescriptor.acceptsPerTurn` at a
  /// time.
  func accept(from id: HTTPAcceptor.ID) {
    guard !isStopping, let acceptor = acceptors[id] else { return }
    let turn = acceptor.listener.descriptor.acceptWaiting(
      spare: &spare,
      failed: {
        counters.update { $0.acceptsFailed += 1 }
        // Releasing the spare descriptor is enough for this connection; evicting idle connections
        // frees descriptors for the next.
        freeDescriptors()
      },
      take: { stream in
        counters.update { $0.connectionsAccepted += 1 }
        // A refused connection closes at the end of this scope.
        if makeRoomForConnection(), keepDescriptorsFree(below: stream.descriptor.raw) {
          add(stream)
        }
      })
    if turn == .mustPause { pauseAccepting(from: id) }
  }

  /// Evicts idle connections if `newest` is one of the last available descriptors.
  ///
  /// - Returns: False if no connection can be evicted, so the new one must be refused.
  private func keepDescriptorsFree(below newest: Int32) -> Bool {
    guard DescriptorLimit.isAlmostReached(by: newest) else { return true }
    freeDescriptors()
    if !closing.isEmpty { return true }
    counters.update { $0.connectionsRefused += 1 }
    return false
  }

  /// Evicts idle connections until `descriptorsFreedAtOnce` descriptors are being closed.
  private func freeDescriptors() {
    while closing.count < Self.descriptorsFreedAtOnce, evict() {}
  }

  private static var descriptorsFreedAtOnce: Int { 4 }

  /// Stops accepting until a descriptor is closed or `acceptPauseSeconds` have passed.
  ///
  /// The connections in the backlog keep the listening socket readable, so an immediate retry would
  /// be a busy loop.
  private func pauseAccepting(from id: HTTPAcceptor.ID) {
    acceptors[id]?.source?.disarm()
    queue.asyncAfter(deadline: .now() + limits.acceptPauseSeconds) {
      self.assumeIsolated { server in
        server.spare.hold()
        server.acceptors[id]?.source?.arm()
      }
    }
  }

  /// Makes room for one more connection, if necessary by evicting an idle one.
  ///
  /// Without eviction, a client with enough idle connections could lock out all others.
  ///
  /// - Returns: False if there is no room, so the connection must be refused.
  private func makeRoomForConnection() -> Bool {
    guard connections.count >= limits.connectionsMax, !evict() else { return true }
    counters.update { $0.connectionsRefused += 1 }
    return false
  }

  /// Closes the idle connection with the lowest rank; false if all are busy.
  ///
  /// - Complexity: O(connections).
  private func evict() -> Bool {
    var first: (connection: HTTPConnection, rank: (Int, DispatchTime))?
    for connection in connections.values {
      guard let rank = connection.evictionRank.map({ ($0, connection.waitingSince) }) else {
        continue
      }
      if first.map({ rank < $0.rank }) ?? true { first = (connection, rank) }
    }
    guard let first else { return false }
    counters.update { $0.connectionsEvicted += 1 }
    close(first.connection)
    return true
  }

  /// Closes the connection whose client has read nothing of its response for the longest time, if
  /// that is at least `yieldStallSecondsMin`.
  ///
  /// - Returns: Whether a connection was closed.
  func evictStalledReader() -> Bool {
    let now = now
    let stalled = connections.values.filter {
      $0.isUnread && $0.output?.isInFlight == true
        && now.seconds(since: $0.progressAt) >= limits.yieldStallSecondsMin
    }
    guard let longest = stalled.min(by: { $0.progressAt < $1.progressAt }) else { return false }
    close(longest)
    return true
  }

  private func add(_ stream: consuming TCPStream) {
    let id = nextConnectionID()
    let descriptor = stream.descriptor.raw
    let context = security.tls
    guard let transport = HTTPTransport(stream, context: context) else {
      // No memory for a TLS session. The connection is closed here.
      counters.update { $0.connectionsRefused += 1 }
      return
    }
    let cancelled: @Sendable () -> Void = { self.assumeIsolated { $0.releaseDescriptor(of: id) } }
    let connection = HTTPConnection(
      id: id, transport: transport, state: context == nil ? .reading : .handshaking,
      readable: ReadinessSource(
        DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue),
        ready: { self.assumeIsolated { $0.becameReadable(id) } }, cancelled: cancelled),
      writable: ReadinessSource(
        DispatchSource.makeWriteSource(fileDescriptor: descriptor, queue: queue),
        ready: { self.assumeIsolated { $0.becameWritable(id) } }, cancelled: cancelled),
      parser: HTTPRequestParser(limits: limits, bodyRule: bodyRule), now: now)
    connections[id] = connection
    counters.update { $0.connectionsOpen += 1 }
    connection.readable.arm()
    scheduleSweep()
  }

  /// Closes a connection in any state. The descriptor is closed after its sources are cancelled.
  func close(_ connection: HTTPConnection) {
    guard connection.state != .closed else { return }
    let output = connection.output
    connection.output = nil
    dropBody(of: connection)
    if output?.isInFlight == true { requestsInFlight -= 1 }
    output?.producer?.resume(returning: false)
    // `finish` clears the output, so a response that is still here is incomplete.
    counters.update {
      $0.connectionsOpen -= 1
      $0.responsesAbandoned += output?.isInterim ?? true ? 0 : 1
    }
    if connection.state == .handshaking { handshakes.remove(connection.id, of: connection.network) }
    connection.state = .closed
    if output.map({ !$0.isInterim }) ?? false {
      // The client must be able to tell that the response is incomplete.
      connection.transport.resetWhenClosed(true)
    } else if !connection.isHandshakeStepRunning {
      connection.transport.sendCloseNotify()
    }
    connection.task?.cancel()
    connections[connection.id] = nil
    closing[connection.id] = connection
    connection.readable.cancel()
    connection.writable.cancel()
  }

  /// Removes one user of a closed connection's descriptor, and closes it after the last.
  func releaseDescriptor(of id: HTTPConnection.ID) {
    closing[id]?.descriptorUsers -= 1
    guard closing[id]?.descriptorUsers == 0 else { return }
    // Releasing the connection closes its descriptor.
    closing[id] = nil
    if !spare.isHeld {
      spare.hold()
      if !isStopping { for acceptor in acceptors.values { acceptor.source?.arm() } }
    }
    resumeStopWaiters()
  }
}

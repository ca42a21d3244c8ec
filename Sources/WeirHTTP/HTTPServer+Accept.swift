import Dispatch
import WeirSockets

extension HTTPServer {
  /// Takes in what waits at a listening socket, a bounded number at a time.
  func accept(_ id: UInt64) {
    guard !isStopping, let acceptor = acceptors[id] else { return }
    for _ in 0..<Self.acceptsPerTurn {
      do throws(SystemError) {
        guard let stream = try acceptor.listener.accept() else { return }
        counters.update { $0.connectionsAccepted += 1 }
        // A refused one closes here.
        if makeRoom(), keepDescriptorsFree(below: stream.descriptor.raw) { add(stream) }
      } catch {
        counters.update { $0.acceptsFailed += 1 }
        // Most likely no descriptor is left. The spare one's place is enough for this connection, and
        // those that merely wait give theirs up for the next.
        freeDescriptors()
        guard spare.isHeld else { return pause(id) }
        spare.release()
      }
    }
  }

  /// Makes room where the newest descriptor is one of the last; false where no connection can go.
  ///
  /// The kernel gives out the lowest number that is free. The last few must stay free: once a second
  /// Dispatch opens a file for each of its threads, and ends the process where it cannot.
  private func keepDescriptorsFree(below newest: Int32) -> Bool {
    guard let limit = try? DescriptorLimit.current(),
      Int(newest) >= limit - Self.descriptorsKeptFree
    else { return true }
    freeDescriptors()
    if !closing.isEmpty { return true }
    counters.update { $0.connectionsRefused += 1 }
    return false
  }

  private static var descriptorsKeptFree: Int { 8 }

  /// Closes connections that merely wait, so that a few descriptors are free: also for files.
  private func freeDescriptors() {
    while closing.count < Self.descriptorsFreedAtOnce, evict() {}
  }

  private static var descriptorsFreedAtOnce: Int { 4 }

  /// Connections accepted before others get their turn.
  private static var acceptsPerTurn: Int { 64 }

  /// Accepts no more until a descriptor is closed, or after a while: whoever waits in the kernel keeps
  /// the listening socket ready, so that trying again at once would spin.
  private func pause(_ id: UInt64) {
    acceptors[id]?.source?.disarm()
    queue.asyncAfter(deadline: .now() + limits.acceptPauseSeconds) {
      self.assumeIsolated { server in
        server.spare.hold()
        server.acceptors[id]?.source?.arm()
      }
    }
  }

  /// Whether one more connection may come, if need be in place of the one that has waited longest.
  ///
  /// Without that, whoever holds enough idle connections would lock everybody else out.
  private func makeRoom() -> Bool {
    guard connections.count >= limits.connectionsMax, !evict() else { return true }
    counters.update { $0.connectionsRefused += 1 }
    return false
  }

  /// Closes a connection that merely waits, by its rank; false when all are busy.
  private func evict() -> Bool {
    var first: (connection: HTTPConnection, rank: (Int, UInt64))?
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

  /// Closes the client that has taken nothing of its response for longest, if that is long enough.
  func evictStalled() -> Bool {
    let stalled = connections.values.filter {
      $0.isUnread && $0.output?.isInFlight == true
        && Double(now - $0.progressAt) >= limits.yieldStallSecondsMin * 1e9
    }
    guard let longest = stalled.min(by: { $0.progressAt < $1.progressAt }) else { return false }
    close(longest)
    return true
  }

  private func add(_ stream: consuming TCPStream) {
    let id = nextID()
    let descriptor = stream.descriptor.raw
    let context = security.tls
    guard let transport = HTTPTransport(stream, context: context) else {
      // No memory for TLS, so that the connection ends here.
      counters.update { $0.connectionsRefused += 1 }
      return
    }
    let cancelled: @Sendable () -> Void = { self.assumeIsolated { $0.letGo(of: id) } }
    let connection = HTTPConnection(
      id: id, transport: transport, state: context == nil ? .reading : .handshaking,
      readable: ReadinessSource(
        DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue),
        ready: { self.assumeIsolated { $0.becameReadable(id) } }, cancelled: cancelled),
      writable: ReadinessSource(
        DispatchSource.makeWriteSource(fileDescriptor: descriptor, queue: queue),
        ready: { self.assumeIsolated { $0.becameWritable(id) } }, cancelled: cancelled),
      parser: HTTPRequestParser(limits: limits, bodyBytesMax: bodyBytesMax), now: now)
    connections[id] = connection
    counters.update { $0.connectionsOpen += 1 }
    connection.readable.arm()
    sweepLater()
  }

  /// Lets go of a connection, whatever it does. Its descriptor closes after its sources.
  func close(_ connection: HTTPConnection) {
    guard connection.state != .closed else { return }
    let output = connection.output
    connection.output = nil
    forgetBody(of: connection)
    if output?.isInFlight == true { requestsInFlight -= 1 }
    output?.producer?.resume(returning: false)
    // Never finished, or it would not be there any more.
    counters.update {
      $0.connectionsOpen -= 1
      $0.responsesAbandoned += output?.isInterim ?? true ? 0 : 1
    }
    if connection.state == .handshaking { handshakes.remove(connection.id, of: connection.network) }
    connection.state = .closed
    if output.map({ !$0.isInterim }) ?? false {
      // Cut off, it must not look like a whole one.
      connection.transport.resetWhenClosed(true)
    } else if !connection.isShaking {
      connection.transport.sayGoodbye()
    }
    connection.task?.cancel()
    connections[connection.id] = nil
    closing[connection.id] = connection
    connection.readable.cancel()
    connection.writable.cancel()
  }

  /// Counts one of those that use a closed connection's descriptor as gone.
  func letGo(of id: UInt64) {
    closing[id]?.holders -= 1
    guard closing[id]?.holders == 0 else { return }
    // The descriptor closes with it.
    closing[id] = nil
    if !spare.isHeld {
      spare.hold()
      if !isStopping { for acceptor in acceptors.values { acceptor.source?.arm() } }
    }
    resumeStopWaiters()
  }
}

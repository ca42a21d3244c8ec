import Dispatch
import WeirSockets

/// Accepting connections, and refusing those that may not come or for which there is no room.
extension StreamReceiver {
  /// Accepts some of the connections that wait.
  func accept() {
    guard !isStopping else { return }
    if acceptTurn() == .mustPause { pauseAccepting() }
  }

  /// The same, without a pause where no descriptor is left.
  func acceptTurn() -> AcceptTurn {
    socket.descriptor.acceptWaiting(spare: &spare, failed: {}, take: { take($0) })
  }

  /// Stops accepting until a descriptor is closed or some time has passed.
  private func pauseAccepting() {
    acceptor?.disarm()
    let pause = DispatchTimeInterval.milliseconds(StreamReceiver.acceptPauseMilliseconds)
    queue.asyncAfter(deadline: now + pause) { self.assumeIsolated { $0.resumeAccepting() } }
  }

  /// Accepts again, if that was paused.
  func resumeAccepting() {
    spare.hold()
    acceptor?.arm()
  }

  /// Takes a connection, or closes it.
  private func take(_ stream: consuming TCPStream) {
    meter.update { $0.accepted += 1 }
    if !limits.networks.isEmpty, !limits.networks.contains(stream.peer) {
      return refuse(.source)
    }
    let descriptor = stream.descriptor.raw
    let isLast = DescriptorLimit.isAlmostReached(
      by: descriptor, leaving: StreamReceiver.descriptorsLeftFree)
    guard !isLast else { return refuse(.descriptors) }
    guard limits.places.take() else { return refuse(.limit) }
    let sender = self.sender(of: stream)
    let id = nextID()
    let connection = StreamConnection(
      id: id, stream: stream,
      readable: ReadinessSource(
        DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue),
        ready: { self.assumeIsolated { $0.becameReadable(id) } },
        cancelled: { self.assumeIsolated { $0.release(id) } }),
      sender: sender, now: now)
    connections[id] = connection
    meter.update { $0.open += 1 }
    connection.readable.arm()
    scheduleSweep()
  }

  private func sender(of stream: borrowing TCPStream) -> MessageSource {
    switch socket.name {
    case .address: .address(stream.peer)
    case .path(let path): .named(stream.peerProcess().map { "\(path):pid=\($0)" } ?? path)
    }
  }

  private func refuse(_ reason: StreamRefusal) {
    meter.update { $0.refused[reason.index] += 1 }
    guard reason != .source, let before = limitPace.enter(at: now) else { return }
    let remedy =
      reason == .limit
      ? "close unused connections in senders, or raise --limit.tcp-connections"
      : "raise the limit of open files (ulimit -n, or LimitNOFILE of the systemd unit)"
    log.warn(
      "too many connections, new ones are closed",
      [
        "listener": .text(socket.name.description), "limit": .init(limits.places.limit),
        "not_logged_before": .init(before), "remedy": .text(remedy),
      ])
  }
}

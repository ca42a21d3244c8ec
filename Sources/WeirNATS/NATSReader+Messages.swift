import WeirCluster

extension NATSReader {
  /// What became of a message that the consumer has sent.
  private enum Step {
    case taken(LogMessage)
    /// A heartbeat, or a message that was already read.
    case nothing
    /// Messages are missing on the way.
    case lost
    /// The log has no message before this sequence any more.
    case gap(UInt64)
  }

  /// Waits for a message, and takes those that wait behind it. The consumer is dropped if one is missing.
  mutating func received(
    _ running: Consumer, _ deadline: Deadline
  ) throws(LogFailure) -> [LogMessage] {
    var consumer = running
    var messages: [LogMessage] = []
    var bytes = 0
    while messages.count < NATSReader.batchMessagesMax, bytes < NATSReader.batchBytesMax {
      let wait =
        messages.isEmpty
        ? min(deadline.milliseconds, NATSReader.silenceMilliseconds - silentMilliseconds) : 0
      let began = ContinuousClock.now
      let next: NATSMessage?
      do throws(NATSFault) {
        next = try consumer.data.next(milliseconds: wait)
      } catch {
        drop()
        return messages
      }
      guard let next else {
        if !messages.isEmpty { break }
        silentMilliseconds += Deadline.milliseconds(ContinuousClock.now - began)
        phase = .running(consumer)
        if silentMilliseconds >= NATSReader.silenceMilliseconds { drop() }
        return []
      }
      silentMilliseconds = 0
      switch NATSReader.step(next, &consumer) {
      case .taken(let message):
        messages.append(message)
        bytes += message.payload.count
      case .nothing: break
      case .lost:
        drop()
        return messages
      case .gap(let first):
        drop()
        // The next call finds the same.
        if messages.isEmpty { throw .gap(firstSequence: first) }
        return messages
      }
      if messages.isEmpty, deadline.isOver { break }
    }
    phase = .running(consumer)
    return messages
  }

  private static func step(_ message: NATSMessage, _ consumer: inout Consumer) -> Step {
    if let status = message.status {
      // 100 is a heartbeat or a request of flow control. Others say that the consumer has ended.
      guard status == "100" else { return .lost }
      if let reply = message.reply ?? message.stalledReply {
        try? consumer.link.publish([], to: reply)
      }
      if let sent = message.lastConsumerSequence.flatMap({ UInt64($0) }), sent > consumer.sent {
        return .lost
      }
      return .nothing
    }
    guard let place = message.reply.flatMap({ StreamPlace($0) }), place.consumer == consumer.name
    else { return .nothing }
    guard place.consumerSequence == consumer.sent + 1 else { return .lost }
    consumer.sent = place.consumerSequence
    // A server that is behind may begin with messages before the one that was asked for.
    if place.sequence < consumer.expected { return .nothing }
    guard place.sequence == consumer.expected else { return .gap(place.sequence) }
    consumer.expected += 1
    return .taken(
      LogMessage(
        sequence: place.sequence, timeMilliseconds: place.nanoseconds / 1_000_000,
        payload: message.payload))
  }
}

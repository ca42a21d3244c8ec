import WeirCluster

/// Publishes the chunks of an object, then what the object is, and waits for the answer to each.
struct ObjectWriter {
  private let connection: NATSConnection
  private let info: ObjectInfo
  private let link: NATSLink
  private let answers: NATSSubscription
  private let inbox = NATSInbox.new()
  /// How long the answers to other chunks are waited for after one was refused.
  private static let restMilliseconds = 2_000

  init(_ connection: NATSConnection, _ info: ObjectInfo) throws(LogFailure) {
    self.connection = connection
    self.info = info
    link = try connection.currentLink()
    do throws(NATSFault) {
      answers = try link.subscribe("\(inbox).*", messagesMax: 1_024, bytesMax: 1 << 20)
    } catch {
      throw connection.lost()
    }
  }

  func write(_ bytes: [UInt8], _ deadline: Deadline) throws(LogFailure) {
    defer { answers.end() }
    var waiting = 0
    do throws(LogFailure) {
      try writeChunks(bytes, &waiting, deadline)
    } catch {
      // So that no chunk is stored after those that are there are removed.
      let rest = Deadline(milliseconds: ObjectWriter.restMilliseconds)
      for _ in 1..<max(1, waiting) where !rest.isOver {
        _ = try? answers.next(milliseconds: rest.milliseconds)
      }
      throw error
    }
    try publish(info.json, to: info.subject, headers: [("Nats-Rollup", "sub")])
    try takeAnswer(deadline)
  }

  /// - Parameter waiting: How many chunks have no answer yet.
  private func writeChunks(
    _ bytes: [UInt8], _ waiting: inout Int, _ deadline: Deadline
  ) throws(LogFailure) {
    for start in stride(from: 0, to: bytes.count, by: NATSStore.chunkBytes) {
      let end = min(start + NATSStore.chunkBytes, bytes.count)
      try publish(Array(bytes[start..<end]), to: info.chunksSubject)
      waiting += 1
      if waiting == NATSStore.chunksAtOnce {
        try takeAnswer(deadline)
        waiting -= 1
      }
    }
    while waiting > 0 {
      try takeAnswer(deadline)
      waiting -= 1
    }
  }

  private func publish(
    _ payload: [UInt8], to subject: String, headers: [(String, String)] = []
  ) throws(LogFailure) {
    do throws(NATSFault) {
      try link.publish(payload, to: subject, reply: "\(inbox).a", headers: headers)
    } catch {
      throw JetStream(connection: connection).failure(
        error, of: link, subject, "store the state \(info.name)")
    }
  }

  private func takeAnswer(_ deadline: Deadline) throws(LogFailure) {
    let what = "store the state \(info.name)"
    var answer: PublishAnswer?
    do throws(NATSFault) {
      while answer == nil {
        guard let message = try answers.next(milliseconds: deadline.milliseconds) else {
          throw .timedOut
        }
        answer = PublishAnswer(message)
      }
    } catch {
      if error == .nobody { throw NATSStore.noLeader(what) }
      throw JetStream(connection: connection).failure(
        error, of: link, "$O.\(info.bucket).", what)
    }
    if case .failed(let error) = answer { throw error.failure(what) }
  }
}

import WeirCluster
import WeirJSON

extension NATSStore {
  /// All chunks of an object, one after another, some at once.
  func chunks(of info: ObjectInfo, _ deadline: Deadline) throws(LogFailure) -> [UInt8] {
    let link = try jetStream.connection.currentLink()
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Int(clamping: min(info.bytes, 64 << 20)))
    var chunks = 0
    /// The least sequence that the next chunk has.
    var from: UInt64 = 1
    while chunks < info.chunks {
      let inbox = NATSInbox.new()
      let count = min(NATSStore.chunksAtOnce, info.chunks - chunks)
      let taken: Int
      do throws(NATSFault) {
        let answers = try link.subscribe(inbox, messagesMax: 1_024, bytesMax: 64 << 20)
        defer { answers.end() }
        let request = JSONValue.object([
          "seq": .whole(Int(clamping: from)), "next_by_subj": .text(info.chunksSubject),
          "batch": .whole(count), "max_bytes": .whole(32 << 20),
        ])
        try link.publish(
          JSONWriter.bytes(of: request), to: "$JS.API.DIRECT.GET.\(stream)", reply: inbox)
        taken = try NATSStore.take(
          from: answers, count, of: info.chunksSubject, &bytes, &from, deadline)
      } catch {
        if error == .nobody { throw NATSStore.noLeader("read the state \(info.name)") }
        throw jetStream.failure(
          error, of: link, "DIRECT.GET", "read the state \(info.name)")
      }
      guard UInt64(bytes.count) <= info.bytes else {
        throw .damaged("The state '\(info.name)' has more bytes than it should.")
      }
      // A server that follows may not have them yet.
      guard taken > 0 else {
        throw .noAnswer("The state '\(info.name)' is not whole at the server that was asked.")
      }
      chunks += taken
    }
    return bytes
  }

  /// That no server has the store at the moment, or that its stream is gone.
  static func noLeader(_ what: String) -> LogFailure {
    .noAnswer("NATS can't \(what) at the moment: no server has the store.")
  }

  /// Takes chunks until there are so many, or the server has no more; returns how many there were.
  private static func take(
    from answers: NATSSubscription, _ count: Int, of subject: String, _ bytes: inout [UInt8],
    _ from: inout UInt64, _ deadline: Deadline
  ) throws(NATSFault) -> Int {
    var taken = 0
    while taken < count {
      guard let message = try answers.next(milliseconds: deadline.milliseconds) else {
        throw .timedOut
      }
      // 204 is the end of the answers, 404 says that there is none.
      guard message.status == nil, message.streamSubject == subject,
        let sequence = message.streamSequence, sequence >= from
      else { return taken }
      bytes += message.payload
      from = sequence + 1
      taken += 1
    }
    return taken
  }
}

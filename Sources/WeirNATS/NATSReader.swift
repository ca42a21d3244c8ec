import WeirBytes
import WeirCluster
import WeirJSON

/// Reads a stream in order, by a consumer on the servers that pushes messages.
///
/// ```
/// idle ──create──▶ creating ──▶ checking ──▶ running ──messages──▶
///   ▲                 │ no answer   │ no answer   │ silence, a gap, a lost connection
///   └─────────────────┴─────────────┴─────────────┘
/// ```
///
/// Consumers are cheap and kept in memory, so each doubt ends with a new one after the last message that was read.
/// `checking` asks which stream it is, after the consumer was made, because a consumer ends with its stream.
struct NATSReader: Sendable {
  struct Consumer: Sendable {
    let name: String
    let link: NATSLink
    /// Messages and heartbeats.
    let data: NATSSubscription
    /// Answers to requests.
    let control: NATSSubscription
    /// Where both have their subjects.
    let inbox: String
    /// The sequence that the next message must have.
    var expected: UInt64
    /// How many messages the consumer has sent so far.
    var sent: UInt64 = 0
  }

  enum Phase: Sendable {
    case idle(until: Deadline)
    case creating(Consumer, until: Deadline)
    case checking(Consumer, until: Deadline)
    case running(Consumer)
  }

  let connection: NATSConnection
  let stream: String
  /// When the stream that was opened was created.
  let identity: String
  var phase = Phase.idle(until: Deadline(milliseconds: 0))
  /// How long it has waited since anything came.
  var silentMilliseconds = 0
  /// The last message that the log is known to have.
  var known: UInt64 = 0
  /// Since when the consumer brings nothing of what is known to be there; nil if it does not.
  private var starved: ContinuousClock.Instant?
  /// Since when the stream seems to be gone or too short; nil if it does not.
  var doubt: ContinuousClock.Instant?

  static let heartbeatMilliseconds = 500
  static let silenceMilliseconds = 1_000
  static let starvedMilliseconds = 3_000
  static let answerMilliseconds = 3_000
  /// How long the stream may seem to be missing.
  static let missingMilliseconds = 5_000
  /// Servers stop at 32 MiB until they have an answer to their request of flow control.
  static let pendingBytesMax: Int32 = 48 << 20
  static let pendingMessagesMax: Int32 = 1 << 19
  static let batchMessagesMax = 512
  static let batchBytesMax = 4 << 20

  init(_ connection: NATSConnection, stream: String, identity: String) {
    self.connection = connection
    self.stream = stream
    self.identity = identity
  }

  mutating func read(after sequence: UInt64, milliseconds: Int) throws(LogFailure) -> [LogMessage] {
    let deadline = Deadline(milliseconds: milliseconds)
    if let consumer = consumer, consumer.expected != sequence + 1 { drop() }
    repeat {
      if connection.isClosed { throw .closed }
      guard let link = connection.link else {
        drop()
        // What was seen before says nothing of the time without a connection.
        doubt = nil
        Deadline.pause(milliseconds: min(20, deadline.milliseconds))
        continue
      }
      if let consumer = consumer, consumer.link !== link { drop() }
      switch phase {
      case .idle(let until):
        let wait = until.milliseconds
        if wait == 0 {
          create(after: sequence, on: link)
        } else {
          Deadline.pause(milliseconds: min(wait, 20, deadline.milliseconds))
        }
      case .creating(let consumer, let until):
        try created(consumer, until, deadline)
      case .checking(let consumer, let until):
        try checked(consumer, until, deadline, after: sequence)
      case .running(let consumer):
        let messages = try received(consumer, deadline)
        if !messages.isEmpty {
          starved = nil
          return messages
        }
        leaveIfStarved(after: sequence)
      }
    } while !deadline.isOver
    return []
  }

  /// Drops a consumer that brings heartbeats alone although the log has more messages: it is on a server that can't
  /// catch up with the others. A new one may be on another server.
  private mutating func leaveIfStarved(after sequence: UInt64) {
    guard case .running = phase, known > sequence else {
      starved = nil
      return
    }
    let since = starved ?? ContinuousClock.now
    starved = since
    guard Deadline.milliseconds(ContinuousClock.now - since) >= NATSReader.starvedMilliseconds
    else { return }
    starved = nil
    drop()
  }

  private var consumer: Consumer? {
    switch phase {
    case .idle: nil
    case .creating(let consumer, _), .checking(let consumer, _), .running(let consumer): consumer
    }
  }

  /// Ends the consumer, if there is one.
  mutating func drop(retryAfter milliseconds: Int = 0) {
    if let consumer {
      consumer.data.end()
      consumer.control.end()
      // It would end by itself, some seconds later.
      try? consumer.link.publish([], to: "$JS.API.CONSUMER.DELETE.\(stream).\(consumer.name)")
    }
    silentMilliseconds = 0
    phase = .idle(until: Deadline(milliseconds: milliseconds))
  }

  private mutating func create(after sequence: UInt64, on link: NATSLink) {
    let inbox = NATSInbox.new()
    let name = "weir_\(NATSInbox.unique())"
    let body = JSONValue.object([
      "stream_name": .text(stream),
      "config": .object([
        "name": .text(name), "deliver_subject": .text("\(inbox).d"),
        "deliver_policy": .text("by_start_sequence"),
        "opt_start_seq": .whole(Int(clamping: sequence + 1)), "ack_policy": .text("none"),
        "replay_policy": .text("instant"), "flow_control": .flag(true),
        "idle_heartbeat": .whole(NATSReader.heartbeatMilliseconds * 1_000_000),
        "inactive_threshold": .whole(10_000_000_000), "mem_storage": .flag(true),
        "num_replicas": .whole(1),
      ]),
    ])
    do throws(NATSFault) {
      let control = try link.subscribe("\(inbox).c", messagesMax: 64, bytesMax: 4 << 20)
      let data = try link.subscribe(
        "\(inbox).d", messagesMax: NATSReader.pendingMessagesMax,
        bytesMax: NATSReader.pendingBytesMax)
      try link.publish(
        JSONWriter.bytes(of: body), to: "$JS.API.CONSUMER.CREATE.\(stream).\(name)",
        reply: "\(inbox).c")
      let consumer = Consumer(
        name: name, link: link, data: data, control: control, inbox: inbox,
        expected: sequence + 1)
      phase = .creating(consumer, until: Deadline(milliseconds: NATSReader.answerMilliseconds))
    } catch {
      phase = .idle(until: Deadline(milliseconds: 100))
    }
  }

  /// The answer to a request, if it has come; drops the consumer if it comes no more.
  private mutating func answer(
    _ consumer: Consumer, _ until: Deadline, _ deadline: Deadline
  ) throws(LogFailure) -> JSONValue? {
    do throws(NATSFault) {
      let wait = min(until.milliseconds, deadline.milliseconds)
      if let message = try consumer.control.next(milliseconds: wait) {
        return JSONValue(message.payload)
      }
    } catch {
      // The connection was lost, or nobody answers requests to JetStream at the moment.
      drop(retryAfter: 250)
      return nil
    }
    guard until.isOver else { return nil }
    let denied = ["CONSUMER.CREATE.\(stream)", "STREAM.INFO.\(stream)", consumer.inbox].lazy
      .compactMap { JetStream.denied(consumer.link, to: $0) }.first
    drop(retryAfter: 100)
    if let denied { throw .refused(denied) }
    return nil
  }

  private mutating func created(
    _ consumer: Consumer, _ until: Deadline, _ deadline: Deadline
  ) throws(LogFailure) {
    guard let answer = try answer(consumer, until, deadline) else { return }
    if let error = JetStreamError(answer) { return try failed(error, "read the stream \(stream)") }
    do throws(NATSFault) {
      try consumer.link.publish(
        [], to: "$JS.API.STREAM.INFO.\(stream)", reply: "\(consumer.inbox).c")
      phase = .checking(consumer, until: Deadline(milliseconds: NATSReader.answerMilliseconds))
    } catch {
      drop(retryAfter: 100)
    }
  }

  private mutating func checked(
    _ consumer: Consumer, _ until: Deadline, _ deadline: Deadline, after sequence: UInt64
  ) throws(LogFailure) {
    guard let answer = try answer(consumer, until, deadline) else { return }
    if let error = JetStreamError(answer) { return try failed(error, "read the stream \(stream)") }
    guard let info = StreamInfo(answer) else { return drop(retryAfter: 250) }
    if info.created != identity {
      drop()
      throw .streamReplaced("The stream \(stream) was removed and made anew.")
    }
    if info.last < sequence {
      try doubt(
        milliseconds: info.replicas == 1 ? 0 : NATSLog.doubtMilliseconds,
        "The stream \(stream) ends at \(info.last), and message \(sequence) was already read:"
          + " its servers have lost messages.")
      return
    }
    doubt = nil
    if info.first > sequence + 1 {
      drop()
      throw .gap(firstSequence: info.first)
    }
    silentMilliseconds = 0
    phase = .running(consumer)
  }

  private mutating func failed(_ error: JetStreamError, _ what: String) throws(LogFailure) {
    if error.number == 10_059 {
      return try doubt(
        milliseconds: NATSReader.missingMilliseconds, "The stream \(stream) was removed.")
    }
    drop(retryAfter: 250)
    if !error.isPassing { throw error.failure(what) }
  }

  /// Tries again, and fails if the same is so for this time.
  private mutating func doubt(milliseconds: Int, _ sentence: String) throws(LogFailure) {
    drop(retryAfter: 250)
    let since = doubt ?? ContinuousClock.now
    doubt = since
    if Deadline.milliseconds(ContinuousClock.now - since) >= milliseconds {
      throw .streamReplaced(sentence)
    }
  }
}

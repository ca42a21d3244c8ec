/// A message that a NATS server has delivered.
struct NATSMessage: Sendable, Equatable {
  let subject: String
  /// Where an answer goes. For a message of a stream it says which one it is: see `StreamPlace`.
  let reply: String?
  let payload: [UInt8]
  /// `100` for a heartbeat or a request of flow control, `204` at the end of many answers, `404`; nil for an ordinary
  /// message.
  var status: String?
  var description: String?
  /// Of a heartbeat: how many messages the consumer has sent, in decimal.
  var lastConsumerSequence: String?
  /// Of a heartbeat: where to answer, so that a consumer that waits for flow control goes on.
  var stalledReply: String?
  /// Of a message that was asked for directly: where it is in its stream.
  var streamSubject: String?
  var streamSequence: UInt64?
}

/// Where a message is in a stream, from the subject that acknowledgements go to.
///
/// ```
/// $JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>.<consumer sequence>.<nanoseconds>.<pending>
/// $JS.ACK.<domain>.<account>.<stream>.<consumer>.… the same, and maybe one more
/// ```
struct StreamPlace: Equatable {
  let stream: String
  let consumer: String
  let sequence: UInt64
  /// Counts the messages that the consumer has sent, from 1.
  let consumerSequence: UInt64
  /// Since 1970.
  let nanoseconds: UInt64

  /// Nil if it is no such subject.
  init?(_ subject: String) {
    let tokens = subject.split(separator: ".", omittingEmptySubsequences: false)
    guard tokens.count >= 9, tokens[0] == "$JS", tokens[1] == "ACK" else { return nil }
    let start = tokens.count == 9 ? 2 : 4
    guard tokens.count >= start + 7, !tokens[start].isEmpty, !tokens[start + 1].isEmpty,
      let sequence = StreamPlace.number(tokens[start + 3]), sequence > 0,
      let consumerSequence = StreamPlace.number(tokens[start + 4]), consumerSequence > 0,
      let nanoseconds = StreamPlace.number(tokens[start + 5])
    else { return nil }
    stream = String(tokens[start])
    consumer = String(tokens[start + 1])
    self.sequence = sequence
    self.consumerSequence = consumerSequence
    self.nanoseconds = nanoseconds
  }

  /// Digits alone, and below 2⁶³.
  private static func number(_ text: Substring) -> UInt64? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int64(text).map { UInt64($0) }
  }
}

/// One log that all nodes append to, and that each node reads in the same order.
///
/// ```
/// post(number) ──▶ log: 1 2 3 4 … ──▶ read(after:)
///      outcomes ◀── stored at 4
/// ```
///
/// Any thread may post. One thread reads, and one thread takes outcomes; they may be the same.
package protocol OrderedLog: Sendable {
  /// Hands a message over and does not wait. What becomes of it comes to `outcomes`. Messages of one thread arrive in
  /// the order in which they were posted.
  ///
  /// An outcome comes only if it is known. If the connection is lost, or nobody answers, there is none, and the
  /// message may be in the log or not. How long to wait for it is up to the caller.
  ///
  /// - Parameter number: What the outcome is named by.
  /// - Throws: `.disconnected` while there is no connection, `.tooLarge`, `.busy` if too much waits to be sent, and
  ///   `.closed`. A message whose post has thrown is not sent.
  func post(_ payload: [UInt8], as number: UInt64) throws(LogFailure)

  /// Outcomes of posts, in the order in which they came.
  ///
  /// - Parameter milliseconds: How long it waits for the first one. Empty if none came.
  func outcomes(milliseconds: Int) -> [PostOutcome]

  /// The next messages after a sequence, in order and without gaps.
  ///
  /// It finds out by itself that messages are missing or that the servers are silent, and then asks for the messages
  /// after the last one again. While there is no connection it waits, and it goes on when the connection is back.
  ///
  /// - Parameter milliseconds: How long it waits for the first one. Empty if none came.
  /// - Throws: `.gap` if the message after `sequence` is no longer in the log, `.streamReplaced` if this is not the
  ///   log that was opened or if it has lost its end, `.refused` if the servers do not let this node read, `.closed`.
  func read(after sequence: UInt64, milliseconds: Int) throws(LogFailure) -> [LogMessage]

  /// The first and the last sequence, and what the log is. The last sequence is no barrier: another server may
  /// already have a later one.
  func bounds(milliseconds: Int) throws(LogFailure) -> LogBounds

  /// Removes all messages up to and including a sequence.
  func trim(through sequence: UInt64, milliseconds: Int) throws(LogFailure)

  /// Reads the log with these bounds from now on, in place of the one that was opened.
  func accept(_ bounds: LogBounds)

  /// Replaces the metadata of the log, which `bounds` reads.
  func updateMetadata(_ metadata: [String: String], milliseconds: Int) throws(LogFailure)

  /// Whether there is a connection, and to which server.
  var connection: LogConnection { get }

  /// Ends the connection for good. Calls that wait return.
  func close()
}

/// A message of the log.
package struct LogMessage: Sendable, Equatable {
  /// Its place in the log, from 1.
  package let sequence: UInt64
  /// The log's time at which it was stored, since 1970. It may step back when another server leads.
  package let timeMilliseconds: UInt64
  package let payload: [UInt8]

  package init(sequence: UInt64, timeMilliseconds: UInt64, payload: [UInt8]) {
    self.sequence = sequence
    self.timeMilliseconds = timeMilliseconds
    self.payload = payload
  }
}

/// What became of a posted message.
package struct PostOutcome: Sendable, Equatable {
  package enum Result: Sendable, Equatable {
    /// It is in the log, on most of its servers.
    case stored(sequence: UInt64)
    /// It is not in the log, and will not be.
    case refused(PostRefusal)
  }

  /// What the message was posted as.
  package let number: UInt64
  package let result: Result

  package init(number: UInt64, result: Result) {
    self.number = number
    self.result = result
  }
}

/// Why a message is not in the log.
package enum PostRefusal: Sendable, Equatable, CustomStringConvertible {
  /// The log has as many bytes as it may have.
  case full(String)
  /// No server leads the log at the moment, or the log is gone.
  case noLeader(String)
  /// The connection was lost before the message was sent.
  case disconnected(String)
  /// Another reason.
  case other(String)

  /// A sentence.
  package var description: String {
    switch self {
    case .full(let text), .noLeader(let text), .disconnected(let text), .other(let text): text
    }
  }
}

/// What a log has, and which one it is.
package struct LogBounds: Sendable, Equatable {
  /// The sequence of the first message; one above `last` if there are none.
  package let first: UInt64
  /// The sequence of the last message that was ever stored; 0 if none was.
  package let last: UInt64
  /// What all messages take, in bytes, and what they may take; nil where there is no limit.
  package let bytes: UInt64
  package let bytesMax: UInt64?
  /// Differs if the log was removed and made anew.
  package let identity: String
  package let metadata: [String: String]

  package init(
    first: UInt64, last: UInt64, bytes: UInt64, bytesMax: UInt64? = nil, identity: String,
    metadata: [String: String]
  ) {
    self.first = first
    self.last = last
    self.bytes = bytes
    self.bytesMax = bytesMax
    self.identity = identity
    self.metadata = metadata
  }
}

/// A connection to the servers of a log.
package struct LogConnection: Sendable, Equatable {
  package var isConnected: Bool
  /// `nats://host:port`, never with a password; nil if none was ever connected to.
  package var server: String?
  /// `2.15.1`
  package var version: String?
  /// How many times the connection was made again.
  package var reconnects: UInt64
  /// Why there is no connection, or that this node may not post, as a sentence; nil if all is well.
  package var fault: String?

  package init(
    isConnected: Bool, server: String? = nil, version: String? = nil, reconnects: UInt64 = 0,
    fault: String? = nil
  ) {
    self.isConnected = isConnected
    self.server = server
    self.version = version
    self.reconnects = reconnects
    self.fault = fault
  }
}

/// Why a log or a store did not do what it was asked. Texts are sentences for people.
package enum LogFailure: Error, Sendable, Equatable, CustomStringConvertible {
  /// There is no connection. It comes back by itself.
  case disconnected(String)
  /// No server answered within the time. What was asked may have been done.
  case noAnswer(String)
  /// Too much waits to be sent.
  case busy(String)
  /// A message has more bytes than the log takes.
  case tooLarge(String)
  /// The message after the asked sequence is no longer in the log; the first that is there is at `firstSequence`.
  case gap(firstSequence: UInt64)
  /// This is another log than the one that was opened, or it has lost its last messages.
  case streamReplaced(String)
  /// The log or the store does not exist, or it has no state of this name.
  case notFound(String)
  /// A state's bytes differ from its digest, or some are missing.
  case damaged(String)
  /// There is no room left for what was to be stored.
  case full(String)
  /// A setting of the log or of the servers is wrong, the servers are too old, or something is not installed. It
  /// stays so until somebody changes it.
  case unusable(String)
  /// The servers refuse it, because of rights or for another reason.
  case refused(String)
  /// It was closed.
  case closed

  /// Whether the same question may be answered later.
  package var isPassing: Bool {
    switch self {
    case .disconnected, .noAnswer, .busy: true
    default: false
    }
  }

  package var description: String {
    switch self {
    case .disconnected(let text), .noAnswer(let text), .busy(let text), .tooLarge(let text),
      .streamReplaced(let text), .notFound(let text), .damaged(let text), .full(let text),
      .unusable(let text), .refused(let text):
      text
    case .gap(let first):
      "The next message is no longer in the log; the first one that is there is \(first)."
    case .closed: "The log was closed."
    }
  }
}

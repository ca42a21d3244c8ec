import Dispatch
import Synchronization
import WeirBytes
import WeirCluster

/// Messages on their way to the log, and what becomes of each.
///
/// A queue of its own publishes them, so that a caller never waits for a socket. Each has a reply subject that ends
/// with its number; the stream's answer comes there.
final class NATSPosts: Sendable {
  private struct Inbox {
    /// Of the connection that was published on last.
    var subscription: NATSSubscription?
    /// What is known without an answer.
    var refused: [PostOutcome] = []
  }

  private let connection: NATSConnection
  private let subject: String
  private let prefix = NATSInbox.new()
  private let inbox = Locked(Inbox())
  private let queue = DispatchQueue(label: "weir.nats.posts")
  private let waitingBytes = Atomic(0)
  private let stored = Atomic<UInt64>(0)

  /// What may wait to be published, in bytes.
  static let waitingBytesMax = 16 << 20
  static let answersMax: Int32 = 1 << 17
  static let answerBytesMax: Int32 = 32 << 20
  /// What a message takes beside its payload.
  private static let messageBytes = 256

  init(_ connection: NATSConnection, subject: String) {
    self.connection = connection
    self.subject = subject
  }

  /// The last message that the log is known to have; 0 if none is.
  var storedSequence: UInt64 { stored.load(ordering: .relaxed) }

  /// The log is another one from now on.
  func forgetStored() { stored.store(0, ordering: .relaxed) }

  func post(_ payload: [UInt8], as number: UInt64) throws(LogFailure) {
    guard payload.count <= NATSSettings.messageBytesMax else {
      throw .tooLarge(
        "A message has \(payload.count) bytes; the log takes at most"
          + " \(NATSSettings.messageBytesMax).")
    }
    _ = try connection.currentLink()
    let bytes = payload.count + NATSPosts.messageBytes
    let (_, waiting) = waitingBytes.add(bytes, ordering: .relaxed)
    guard waiting <= NATSPosts.waitingBytesMax else {
      waitingBytes.subtract(bytes, ordering: .relaxed)
      throw .busy("More than \(NATSPosts.waitingBytesMax) bytes wait to be sent to the log.")
    }
    queue.async { [self] in
      publish(payload, number)
      waitingBytes.subtract(bytes, ordering: .relaxed)
    }
  }

  private func publish(_ payload: [UInt8], _ number: UInt64) {
    guard let link = connection.link else {
      let text = connection.connection.fault ?? "There is no connection to a NATS server."
      return refuse(number, .disconnected(text))
    }
    do throws(NATSFault) {
      try listen(on: link)
      try link.publish(payload, to: subject, reply: "\(prefix).\(number)")
    } catch {
      // A connection that breaks now may have sent it.
      if error == .tooLarge {
        refuse(number, .other("The message is larger than the NATS server takes."))
      }
    }
  }

  /// Answers must have a subscription before the message goes out.
  private func listen(on link: NATSLink) throws(NATSFault) {
    if inbox.withLock({ $0.subscription?.link === link }) { return }
    let made = try link.subscribe(
      "\(prefix).*", messagesMax: NATSPosts.answersMax, bytesMax: NATSPosts.answerBytesMax)
    inbox.withLock { $0.subscription = made }
  }

  private func refuse(_ number: UInt64, _ refusal: PostRefusal) {
    inbox.withLock { inbox in
      guard inbox.refused.count < Int(NATSPosts.answersMax) else { return }
      inbox.refused.append(PostOutcome(number: number, result: .refused(refusal)))
    }
  }

  func outcomes(milliseconds: Int) -> [PostOutcome] {
    let deadline = Deadline(milliseconds: milliseconds)
    repeat {
      let (subscription, refused) = inbox.withLock { inbox in
        defer { inbox.refused = [] }
        return (inbox.subscription, inbox.refused)
      }
      var found = refused
      if let subscription {
        do throws(NATSFault) {
          let wait = found.isEmpty ? min(100, deadline.milliseconds) : 0
          try take(from: subscription, wait, &found)
        } catch {
          // libnats does not say which message nobody has taken, so that one has no outcome.
          if error == .closed { forget(subscription) }
        }
      } else if found.isEmpty {
        Deadline.pause(milliseconds: min(10, deadline.milliseconds))
      }
      if !found.isEmpty { return found }
    } while !deadline.isOver && !connection.isClosed
    return []
  }

  private func forget(_ subscription: NATSSubscription) {
    inbox.withLock { if $0.subscription === subscription { $0.subscription = nil } }
  }

  private func take(
    from subscription: NATSSubscription, _ milliseconds: Int, _ found: inout [PostOutcome]
  ) throws(NATSFault) {
    var wait = milliseconds
    while found.count < 1_024, let message = try subscription.next(milliseconds: wait) {
      if let outcome = NATSPosts.outcome(message, prefix: prefix) {
        found.append(outcome)
        if case .stored(let sequence) = outcome.result {
          stored.max(sequence, ordering: .relaxed)
        }
      }
      wait = 0
    }
  }

  /// Nil if it is no answer to a post.
  static func outcome(_ message: NATSMessage, prefix: String) -> PostOutcome? {
    guard message.subject.hasPrefix("\(prefix)."),
      let number = UInt64(message.subject.dropFirst(prefix.count + 1)),
      let answer = PublishAnswer(message)
    else { return nil }
    switch answer {
    case .stored(let sequence):
      return PostOutcome(number: number, result: .stored(sequence: sequence))
    case .failed(let error): return PostOutcome(number: number, result: .refused(refusal(error)))
    }
  }

  static func refusal(_ error: JetStreamError) -> PostRefusal {
    if error.isFull { return .full("The log is full (\(error.text)).") }
    if error.code == 503 || error.isPassing {
      return .noLeader("No NATS server stores messages of the log at the moment (\(error.text)).")
    }
    return .other("The NATS server refuses the message (\(error.text)).")
  }
}

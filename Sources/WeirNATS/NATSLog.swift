import WeirBytes
import WeirCluster
import WeirJSON

/// The log of a cluster, as a stream of JetStream: `weir_<name>`, with one subject.
package final class NATSLog: OrderedLog {
  /// How long the stream of several servers may look shorter than it is. A former leader goes on answering for some
  /// seconds, and a new leader is behind for a moment.
  package static let doubtMilliseconds = 15_000

  private let jetStream: JetStream
  private let stream: String
  private let posts: NATSPosts
  private let reader: Locked<NATSReader>

  /// - Parameter identity: When the stream was created, which tells it from one that is made later.
  init(_ connection: NATSConnection, identity: String) {
    let settings = connection.settings
    stream = settings.streamName
    jetStream = JetStream(connection: connection)
    posts = NATSPosts(connection, subject: settings.subject)
    reader = Locked(NATSReader(connection, stream: settings.streamName, identity: identity))
  }

  package var connection: LogConnection { jetStream.connection.connection }

  package func close() { jetStream.connection.close() }

  package func post(_ payload: [UInt8], as number: UInt64) throws(LogFailure) {
    try posts.post(payload, as: number)
  }

  package func outcomes(milliseconds: Int) -> [PostOutcome] {
    posts.outcomes(milliseconds: milliseconds)
  }

  package func read(after sequence: UInt64, milliseconds: Int) throws(LogFailure) -> [LogMessage] {
    try reader.withLock { reader throws(LogFailure) in
      reader.known = posts.storedSequence
      return try reader.read(after: sequence, milliseconds: milliseconds)
    }
  }

  package func bounds(milliseconds: Int) throws(LogFailure) -> LogBounds {
    try info(milliseconds: milliseconds).bounds
  }

  private func info(milliseconds: Int) throws(LogFailure) -> StreamInfo {
    let what = "look at the stream \(stream)"
    let answer = try jetStream.get(
      "STREAM.INFO.\(stream)", to: what, milliseconds: milliseconds)
    guard let info = StreamInfo(answer) else {
      throw .refused("NATS can't \(what): the answer lacks its state.")
    }
    return info
  }

  package func trim(through sequence: UInt64, milliseconds: Int) throws(LogFailure) {
    let deadline = Deadline(milliseconds: milliseconds)
    let bounds = try bounds(milliseconds: milliseconds)
    // Beyond the end, a stream would move its end.
    guard sequence <= bounds.last else {
      throw .noAnswer(
        "The stream \(stream) ends at \(bounds.last) and can't be trimmed to \(sequence).")
    }
    guard sequence >= bounds.first else { return }
    _ = try jetStream.get(
      "STREAM.PURGE.\(stream)", .object(["seq": .whole(Int(clamping: sequence + 1))]),
      to: "trim the stream \(stream)", milliseconds: deadline.milliseconds)
  }

  package func accept(_ bounds: LogBounds) {
    reader.withLock { reader in
      reader.drop()
      reader = NATSReader(jetStream.connection, stream: stream, identity: bounds.identity)
      posts.forgetStored()
    }
  }

  package func updateMetadata(
    _ metadata: [String: String], milliseconds: Int
  ) throws(LogFailure) {
    let deadline = Deadline(milliseconds: milliseconds)
    let info = try info(milliseconds: milliseconds)
    guard case .object(var fields) = info.configuration else {
      throw .refused(
        "NATS can't change the metadata of the stream \(stream): it does not say how it is set.")
    }
    fields["metadata"] = .object(metadata.mapValues { .text($0) })
    _ = try jetStream.get(
      "STREAM.UPDATE.\(stream)", .object(fields),
      to: "change the metadata of the stream \(stream)", milliseconds: deadline.milliseconds)
  }
}

import WeirCluster
import WeirJSON

/// Opens the log and the store of a cluster, and makes them where they are missing.
package struct NATSSetup: Sendable {
  package let log: NATSLog
  package let store: NATSStore
  /// Whether the log did not exist before. Otherwise its metadata are those of the node
  /// that made it, and are to be compared.
  package let isNewLog: Bool
  private let connection: NATSConnection

  /// Connects, and looks at the stream and at the bucket.
  ///
  /// - Parameters:
  ///   - metadata: Of the log, if it is made now. Names that begin with `_nats.` are NATS' own. Nil to make nothing.
  ///   - milliseconds: For all of it. It goes on trying while no server can be reached and while none leads.
  /// - Throws: `.unusable` with a sentence that says what to change, `.notFound` where nothing is made, and others.
  package init(
    _ settings: NATSSettings, metadata: [String: String]?, milliseconds: Int
  ) throws(LogFailure) {
    let connection = try NATSConnection(settings)
    do throws(LogFailure) {
      let deadline = Deadline(milliseconds: milliseconds)
      try connection.waitUntilConnected(milliseconds: milliseconds)
      let jetStream = JetStream(connection: connection)
      let (info, isNew) = try NATSSetup.opened(
        .log(settings, metadata: metadata ?? [:]), jetStream, deadline, makes: metadata != nil)
      _ = try NATSSetup.opened(.bucket(settings), jetStream, deadline, makes: metadata != nil)
      log = NATSLog(connection, identity: info.created)
      store = NATSStore(connection)
      isNewLog = isNew
      self.connection = connection
    } catch {
      connection.close()
      throw error
    }
  }

  /// Removes the log with all of its messages, and closes the connection. The store stays.
  package func removeLog(milliseconds: Int) throws(LogFailure) {
    defer { connection.close() }
    let stream = connection.settings.streamName
    _ = try JetStream(connection: connection).get(
      "STREAM.DELETE.\(stream)", to: "remove the stream \(stream)", milliseconds: milliseconds)
  }

  /// A stream that is as it must be. It is made if it is missing.
  private static func opened(
    _ stream: StreamSettings, _ jetStream: JetStream, _ deadline: Deadline, makes: Bool
  ) throws(LogFailure) -> (StreamInfo, isNew: Bool) {
    var passing: LogFailure
    repeat {
      do throws(LogFailure) {
        return try attempt(
          stream, jetStream, milliseconds: min(3_000, deadline.milliseconds), makes: makes)
      } catch {
        switch error {
        case .noAnswer, .disconnected: passing = error
        default: throw error
        }
      }
      Deadline.pause(milliseconds: min(250, deadline.milliseconds))
    } while !deadline.isOver
    throw passing
  }

  private static func attempt(
    _ stream: StreamSettings, _ jetStream: JetStream, milliseconds: Int, makes: Bool
  ) throws(LogFailure) -> (StreamInfo, isNew: Bool) {
    if let info = try existing(stream, jetStream, milliseconds) { return (info, false) }
    guard makes else { throw .notFound("NATS has no stream \(stream.name).") }
    let what = "make the stream \(stream.name)"
    switch try jetStream.ask(
      "STREAM.CREATE.\(stream.name)", stream.creation, to: what, milliseconds: milliseconds)
    {
    case .success(let answer):
      guard let info = StreamInfo(answer) else {
        throw .refused("NATS can't \(what): the answer lacks its state.")
      }
      if let fault = stream.fault(in: info.configuration) { throw .unusable(fault) }
      return (info, true)
    case .failure(let error) where error.isNameInUse:
      // Another node was first.
      throw .noAnswer("NATS can't \(what) at the moment: \(error.text).")
    case .failure(let error) where error.isWithoutRoom:
      throw .full(
        "NATS can't \(stream.making): \(error.text); lower --cluster.log-size, of which the bucket of states has a "
          + "quarter, or give JetStream more room (max_file_store of the servers, or the limits of the account)."
      )
    case .failure(let error): throw error.failure(what)
    }
  }

  private static func existing(
    _ stream: StreamSettings, _ jetStream: JetStream, _ milliseconds: Int
  ) throws(LogFailure) -> StreamInfo? {
    let what = "look at the stream \(stream.name)"
    switch try jetStream.ask("STREAM.INFO.\(stream.name)", to: what, milliseconds: milliseconds) {
    case .success(let answer):
      guard let info = StreamInfo(answer) else {
        throw .refused("NATS can't \(what): the answer lacks its state.")
      }
      if let fault = stream.fault(in: info.configuration) { throw .unusable(fault) }
      return info
    case .failure(let error) where error.isNotFound: return nil
    case .failure(let error): throw error.failure(what)
    }
  }
}

import WeirBytes
import WeirCluster
import WeirJSON

/// An error of JetStream's: `{"error":{"code":503,"err_code":10077,"description":"maximum bytes exceeded"}}`.
struct JetStreamError: Error, Equatable {
  /// As in HTTP.
  let code: Int
  /// Which error it is.
  let number: Int
  let text: String

  /// Nil if the answer has no error.
  init?(_ answer: JSONValue) {
    let error = answer["error"]
    guard case .object = error else { return nil }
    code = error["code"].integer ?? 0
    number = error["err_code"].integer ?? 0
    text = ShownText.of(error["description"].text ?? "no reason")
  }

  var isNotFound: Bool { number == 10_059 || number == 10_037 || number == 10_014 }
  var isNameInUse: Bool { number == 10_058 }

  /// Whether there is no room: of the stream, the account or the server.
  var isFull: Bool {
    switch number {
    case 10_077: text.contains("maximum")
    case 10_002, 10_023, 10_028, 10_047, 10_122: true
    default: false
    }
  }

  /// Whether a stream can't be made because the account or the servers lack room for it.
  var isWithoutRoom: Bool {
    switch number {
    case 10_002, 10_023, 10_028, 10_047, 10_120, 10_122: true
    // No server is suited; of those that have no room, this is the reason.
    case 10_005: text.contains("insufficient storage")
    default: false
    }
  }

  /// Whether it may pass by itself, as when a new leader is elected.
  var isPassing: Bool {
    switch number {
    case 10_008, 10_009, 10_118, 10_167, 10_004, 10_007: true
    case 10_039, 10_076, 10_035: false
    default: code >= 500 && !isFull
    }
  }

  /// - Parameter what: What was asked, as `make the stream weir_a`.
  func failure(_ what: String) -> LogFailure {
    switch number {
    case 10_076, 10_039, 10_035:
      return .unusable(
        "JetStream is not enabled on the NATS server or for this account; set it up in the"
          + " server's configuration (jetstream).")
    case 10_059, 10_037, 10_014: return .notFound("NATS can't \(what): \(text).")
    case 10_074:
      return .unusable(
        "NATS can't \(what): the servers are no cluster, so there can be 1 replica only.")
    case 10_002, 10_023, 10_028, 10_047, 10_120, 10_122, 10_026, 10_027:
      return .full("NATS can't \(what), because of a limit of the account or the server: \(text).")
    case 10_005:
      // Others may just be starting.
      return .noAnswer(
        "NATS can't \(what): there are fewer servers with JetStream than replicas (\(text)).")
    default: break
    }
    if isFull { return .full("NATS can't \(what): \(text).") }
    return isPassing
      ? .noAnswer("NATS can't \(what) at the moment: \(text).")
      : .refused("NATS refuses to \(what): \(text).")
  }
}

/// Requests to JetStream, in JSON.
struct JetStream: Sendable {
  let connection: NATSConnection

  /// - Parameters:
  ///   - request: What follows `$JS.API.`
  ///   - what: What is asked, as `make the stream weir_a`.
  func ask(
    _ request: String, _ body: JSONValue = .object([:]), to what: String, milliseconds: Int
  ) throws(LogFailure) -> Result<JSONValue, JetStreamError> {
    let link = try connection.currentLink()
    let answer: NATSMessage
    do {
      answer = try link.request(
        "$JS.API.\(request)", JSONWriter.bytes(of: body), milliseconds: milliseconds)
    } catch {
      throw failure(error, of: link, "$JS.API.\(request)", what)
    }
    guard let value = JSONValue(answer.payload) else {
      throw .refused("NATS can't \(what): the answer is not JSON.")
    }
    if let error = JetStreamError(value) { return .failure(error) }
    return .success(value)
  }

  /// The same, where every error is a failure.
  func get(
    _ request: String, _ body: JSONValue = .object([:]), to what: String, milliseconds: Int
  ) throws(LogFailure) -> JSONValue {
    switch try ask(request, body, to: what, milliseconds: milliseconds) {
    case .success(let value): return value
    case .failure(let error): throw error.failure(what)
    }
  }

  /// - Parameter subject: What was published to.
  func failure(
    _ fault: NATSFault, of link: NATSLink, _ subject: String, _ what: String
  ) -> LogFailure {
    switch fault {
    case .closed: return connection.lost()
    case .nobody:
      return .unusable(
        "JetStream is not enabled on the NATS server or for this account; set it up in the"
          + " server's configuration (jetstream).")
    case .tooLarge: return .tooLarge("NATS can't \(what): the message is too large.")
    case .timedOut, .dropped, .failed:
      if let text = JetStream.denied(link, to: subject) { return .refused(text) }
      return .noAnswer("No NATS server answered the request to \(what) in time.")
    }
  }

  /// That this user may not publish or listen to a subject that contains `part`, if that was the last that the
  /// server has complained about; nil otherwise.
  static func denied(_ link: NATSLink, to part: String) -> String? {
    guard let error = link.lastError?.lowercased(), error.contains("permissions violation"),
      error.contains(part.lowercased())
    else { return nil }
    return "The NATS server does not let this user do that (\(ShownText.of(error)))."
  }
}

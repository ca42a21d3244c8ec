// Safety: libnats is opened once, before a connection is made, and never closed. A connection and a subscription are
// freed once, in `deinit`, and a subscription keeps its connection. libnats' functions may be called from any
// thread. A message is copied and freed before the function that took it returns. All pointers of a call are to local
// values, which outlive the call.

import CNATS
import Glibc
import WeirCluster

/// Why a call of libnats did nothing.
enum NATSFault: Error, Equatable {
  case timedOut
  /// The connection was lost or closed.
  case closed
  /// Messages were dropped, because too many waited.
  case dropped
  /// Nobody listens to the subject of a request.
  case nobody
  case tooLarge
  case failed
}

/// One connection to one server, by libnats, the only file that calls it. Once it is lost it stays lost.
///
/// Any thread may call. Calls that wait return when the connection is lost.
@safe
final class NATSLink: Sendable {
  struct Settings: Sendable {
    /// `nats://host:port`, without a user.
    var url: String
    /// The name that the server's certificate must have; nil for a connection without TLS.
    var certifiedName: String?
    var user: String?
    var password: String?
    var token: String?
    var credentialsFile: String?
    var caFile: String?
    var certificateFile: String?
    var keyFile: String?
    var clientName: String
    var connectMilliseconds = 3_000
    /// How long a socket may take nothing before the connection is given up.
    var writeMilliseconds = 3_000
    var pingMilliseconds = 2_000
  }

  /// libnats' reason, as it says it.
  struct Refusal: Error { let text: String }

  fileprivate nonisolated(unsafe) let handle: UnsafeMutableRawPointer

  init(_ settings: Settings) throws(Refusal) {
    var reason = [CChar](repeating: 0, count: 512)
    var handle: UnsafeMutableRawPointer?
    let fault = unsafe NATSLink.withTexts([
      settings.url, settings.certifiedName, settings.user, settings.password, settings.token,
      settings.credentialsFile, settings.caFile, settings.certificateFile, settings.keyFile,
      settings.clientName,
    ]) { texts in
      var wanted = unsafe weir_nats_settings(
        url: texts[0], certified_name: texts[1], user: texts[2], password: texts[3],
        token: texts[4], credentials_file: texts[5], ca_file: texts[6],
        certificate_file: texts[7], key_file: texts[8], client_name: texts[9],
        connect_milliseconds: Int64(settings.connectMilliseconds),
        write_milliseconds: Int64(settings.writeMilliseconds),
        ping_milliseconds: Int64(settings.pingMilliseconds))
      return unsafe weir_nats_connect(&wanted, &handle, &reason, reason.count).map {
        unsafe String(cString: $0)
      }
    }
    if let fault { throw Refusal(text: fault) }
    guard let handle = unsafe handle else { throw Refusal(text: "no connection") }
    unsafe self.handle = handle
  }

  deinit { unsafe weir_nats_free(handle) }

  /// What is missing; nil if libnats can be used.
  private static let fault: String? = unsafe weir_nats_open().map { unsafe String(cString: $0) }

  /// Opens libnats if it is not open.
  static func open() throws(LogFailure) {
    if let fault { throw .unusable("\(fault).") }
  }

  /// Why a file can't be read, as the system says it; nil if it can.
  static func fault(ofFile path: String) -> String? {
    let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor < 0 else {
      Glibc.close(descriptor)
      return nil
    }
    return unsafe String(cString: strerror(errno))
  }

  /// The line with which a server greets, or why there is none.
  static func greeting(host: String, port: UInt16, milliseconds: Int) -> Result<String, Refusal> {
    var line = [CChar](repeating: 0, count: 64 << 10)
    let fault = unsafe weir_nats_greeting(
      host, "\(port)", Int32(clamping: milliseconds), &line, line.count)
    let text = text(line)
    return unsafe fault == nil ? .success(text) : .failure(Refusal(text: text))
  }

  func close() { unsafe weir_nats_close(handle) }

  /// The server's last error, such as a missing permission; nil if there was none.
  var lastError: String? {
    var error = [CChar](repeating: 0, count: 512)
    unsafe weir_nats_last_error(handle, &error, error.count)
    return error[0] == 0 ? nil : NATSLink.text(error)
  }

  private static func text(_ characters: [CChar]) -> String {
    String(
      decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Hands a message to libnats, which sends it soon. Waits only while the socket takes nothing.
  func publish(
    _ payload: [UInt8], to subject: String, reply: String? = nil,
    headers: [(String, String)] = []
  ) throws(NATSFault) {
    let outcome = unsafe NATSLink.withSent(payload, subject, reply, headers) { sent in
      unsafe weir_nats_publish(handle, sent)
    }
    try NATSLink.check(outcome)
  }

  /// Sends a message and waits for an answer.
  func request(_ subject: String, _ payload: [UInt8], milliseconds: Int) throws(NATSFault)
    -> NATSMessage
  {
    var answer = unsafe weir_nats_message()
    let outcome = unsafe NATSLink.withSent(payload, subject, nil, []) { sent in
      unsafe weir_nats_request(handle, sent, NATSLink.limited(milliseconds, from: 1), &answer)
    }
    try NATSLink.check(outcome)
    return unsafe NATSLink.taken(answer)
  }

  /// Waits until the server has taken all that was sent before.
  func flush(milliseconds: Int) throws(NATSFault) {
    try NATSLink.check(unsafe weir_nats_flush(handle, NATSLink.limited(milliseconds, from: 1)))
  }

  /// Messages of a subject, from now on. Those that exceed a limit are dropped.
  func subscribe(_ subject: String, messagesMax: Int32, bytesMax: Int32) throws(NATSFault)
    -> NATSSubscription
  {
    var made: UnsafeMutableRawPointer?
    try NATSLink.check(
      unsafe weir_nats_subscribe(handle, subject, messagesMax, bytesMax, &made))
    guard let made = unsafe made else { throw .failed }
    return unsafe NATSSubscription(made, of: self)
  }

  /// libnats adds it to the time of day.
  fileprivate static func limited(_ milliseconds: Int, from least: Int64) -> Int64 {
    min(max(least, Int64(milliseconds)), 3_600_000)
  }

  fileprivate static func check(_ outcome: weir_nats_outcome) throws(NATSFault) {
    switch outcome {
    case WEIR_NATS_OK: return
    case WEIR_NATS_TIMEOUT: throw .timedOut
    case WEIR_NATS_CLOSED: throw .closed
    case WEIR_NATS_DROPPED: throw .dropped
    case WEIR_NATS_NOBODY: throw .nobody
    case WEIR_NATS_TOO_LARGE: throw .tooLarge
    default: throw .failed
    }
  }

  /// Copies a message of libnats, and frees it.
  fileprivate static func taken(_ message: weir_nats_message) -> NATSMessage {
    defer { unsafe weir_nats_message_free(message.handle) }
    func text(_ pointer: UnsafePointer<CChar>?) -> String? {
      unsafe pointer.map { unsafe String(cString: $0) }
    }
    var copy = unsafe NATSMessage(
      subject: text(message.subject) ?? "", reply: text(message.reply),
      payload: Array(UnsafeRawBufferPointer(start: message.bytes, count: message.count)))
    if let status = unsafe text(message.status) {
      copy.status = status
      copy.description = unsafe text(message.description)
      copy.lastConsumerSequence = unsafe text(
        weir_nats_header(message.handle, "Nats-Last-Consumer"))
      copy.stalledReply = unsafe text(weir_nats_header(message.handle, "Nats-Consumer-Stalled"))
    } else if let subject = unsafe text(weir_nats_header(message.handle, "Nats-Subject")) {
      copy.streamSubject = subject
      copy.streamSequence = unsafe text(weir_nats_header(message.handle, "Nats-Sequence"))
        .flatMap { UInt64($0) }
    }
    return copy
  }

  /// Passes a message as C's, which is valid during the call.
  private static func withSent(
    _ payload: [UInt8], _ subject: String, _ reply: String?, _ headers: [(String, String)],
    _ body: (UnsafePointer<weir_nats_sent>) -> weir_nats_outcome
  ) -> weir_nats_outcome {
    let texts: [String?] =
      [subject, reply] + headers.flatMap { header -> [String?] in [header.0, header.1] }
    return unsafe withTexts(texts) { texts in
      unsafe texts.withUnsafeBufferPointer { texts in
        unsafe payload.withUnsafeBytes { payload in
          var sent = unsafe weir_nats_sent(
            subject: texts[0], reply: texts[1], bytes: payload.baseAddress, count: payload.count,
            headers: texts.baseAddress?.advanced(by: 2), header_count: headers.count)
          return unsafe body(&sent)
        }
      }
    }
  }

  /// Passes the texts as C's, which are valid during the call.
  private static func withTexts<Result>(
    _ texts: [String?], _ body: ([UnsafePointer<CChar>?]) -> Result
  ) -> Result {
    let copies = unsafe texts.map { text in unsafe text.map { unsafe strdup($0) } ?? nil }
    defer { for index in unsafe copies.indices { unsafe free(copies[index]) } }
    return unsafe body(copies.map { unsafe UnsafePointer($0) })
  }
}

/// Messages of one subject, which wait until they are taken. It ends with its connection.
@safe
final class NATSSubscription: Sendable {
  let link: NATSLink
  private nonisolated(unsafe) let handle: UnsafeMutableRawPointer

  fileprivate init(_ handle: UnsafeMutableRawPointer, of link: NATSLink) {
    unsafe self.handle = handle
    self.link = link
  }

  deinit { unsafe weir_nats_subscription_free(handle) }

  /// The next message; nil if none came within this time. With 0 it does not wait.
  ///
  /// - Throws: `.closed`, also when it has ended, or `.dropped`, once, after messages were dropped.
  func next(milliseconds: Int) throws(NATSFault) -> NATSMessage? {
    var message = unsafe weir_nats_message()
    let outcome = unsafe weir_nats_next(handle, NATSLink.limited(milliseconds, from: 0), &message)
    if outcome == WEIR_NATS_TIMEOUT { return nil }
    try NATSLink.check(outcome)
    return unsafe NATSLink.taken(message)
  }

  /// Ends it, so that the server sends no more.
  func end() { unsafe weir_nats_unsubscribe(handle) }
}

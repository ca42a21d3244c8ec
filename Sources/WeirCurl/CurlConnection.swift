// Safety: libcurl is opened once, before a handle is made, and never closed. A handle is used by one caller at a time
// and freed once, in `deinit`. All pointers of a request are to local values, which outlive the call that takes them.

import CCurl
import Glibc

/// Requests over a connection that is kept open, by libcurl, which is opened for the first connection.
///
/// TLS is always verified, at least version 1.2. Redirects are not followed. A proxy is used if the environment
/// names one (`https_proxy`, `http_proxy`, `no_proxy`), as libcurl does. Calls block.
@safe
package final class CurlConnection {
  package struct Settings: Sendable {
    package var userAgent: String
    /// `user:password`; nil for none.
    package var credentials: String?
    /// Whether a proxy may be used, if the environment names one.
    package var usesProxy = true
    /// A file of certificates that servers are checked against; nil for the system's.
    package var caFile: String?
    /// How long it may take to connect.
    package var connectSeconds = 3
    /// What is kept of an answer's body.
    package var answerBytesMax = 512

    package init(userAgent: String) { self.userAgent = userAgent }
  }

  package struct Request {
    package var url: String
    /// Nil for GET, or POST where there is a body.
    package var method: String?
    /// `Name: value`, as they are sent.
    package var headers: [String] = []
    /// Sent with POST; nil to GET.
    package var body: [UInt8]?
    /// Signs the request as AWS asks for; nil to sign nothing.
    package var signature: Signature?
    /// Asked while the request waits, about once a second: whether it is given up. Nil to wait for the whole time.
    package var hasEnded: (@Sendable () -> Bool)?
    /// Takes each part of the answer's body as it comes, in place of keeping it; false ends the request. Nil to
    /// keep the beginning of the body.
    package var take: (([UInt8]) -> Bool)?

    package init(url: String) { self.url = url }
  }

  /// A signature of AWS, version 4, by libcurl, which has it since 7.75. The body has to be shorter than 1 MiB.
  package struct Signature: Sendable {
    let region: String
    let service: String
    let accessKey: String
    let secretKey: String

    package init(region: String, service: String, accessKey: String, secretKey: String) {
      self.region = region
      self.service = service
      self.accessKey = accessKey
      self.secretKey = secretKey
    }
  }

  package struct Answer: Sendable, Equatable {
    package let status: Int
    /// The beginning of the body.
    package let body: [UInt8]

    package init(status: Int, text: String) {
      self.init(status: status, body: Array(text.utf8))
    }

    init(status: Int, body: [UInt8]) {
      self.status = status
      self.body = body
    }

    package var text: String { String(decoding: body, as: UTF8.self) }
  }

  /// Why libcurl can't be used, or there was no answer.
  package struct Failure: Error, CustomStringConvertible, Equatable {
    package let description: String
    /// Whether the server may have got the request all the same.
    package let mayHaveArrived: Bool

    package init(_ description: String, mayHaveArrived: Bool = false) {
      self.description = description
      self.mayHaveArrived = mayHaveArrived
    }
  }

  /// What callbacks of a request use.
  private struct Kept {
    /// Of the body of the answer.
    var bytes: [UInt8] = []
    let bytesMax: Int
    let hasEnded: (@Sendable () -> Bool)?
    let take: (([UInt8]) -> Bool)?
    /// Whether `take` has ended the request.
    var wasStopped = false
  }

  private let handle: UnsafeMutableRawPointer
  private let answerBytesMax: Int

  package init(_ settings: Settings) throws(Failure) {
    try CurlConnection.open()
    answerBytesMax = settings.answerBytesMax
    let handle = unsafe CurlConnection.withTexts([
      settings.userAgent, settings.credentials, settings.caFile, settings.usesProxy ? nil : "*",
    ]) { texts in
      var common = unsafe weir_curl_settings(
        user_agent: texts[0], credentials: texts[1], no_proxy: texts[3], ca_file: texts[2],
        connect_seconds: settings.connectSeconds)
      return unsafe weir_curl_new(&common)
    }
    guard let handle = unsafe handle else { throw Failure("libcurl could not be started") }
    unsafe self.handle = handle
  }

  deinit { unsafe weir_curl_free(handle) }

  /// What is missing, as a sentence to show; nil if libcurl can be used.
  private static let fault: String? = unsafe weir_curl_open().map { unsafe String(cString: $0) }

  /// Opens libcurl if it is not open, so that a start can say why it can't.
  package static func open() throws(Failure) {
    if let fault { throw Failure(fault) }
  }

  /// Whether libcurl can sign requests: it can since 7.75.
  package static func canSign() -> Bool { weir_curl_can_sign() != 0 }

  /// Sends a request, and waits for the answer.
  ///
  /// - Parameter milliseconds: For how long, at least 1.
  package func send(_ request: Request, milliseconds: Int) throws(Failure) -> Answer {
    var kept = Kept(
      bytesMax: answerBytesMax, hasEnded: request.hasEnded, take: request.take)
    var status = 0
    var wasConnected: Int32 = 0
    let signature = request.signature
    let fixed = [
      request.url, request.method,
      signature.map { "aws:amz:\($0.region):\($0.service)" },
      signature.map { "\($0.accessKey):\($0.secretKey)" },
    ]
    let fault = unsafe CurlConnection.withTexts(fixed + request.headers) { texts in
      unsafe (request.body ?? []).withUnsafeBytes { body in
        unsafe withUnsafeMutablePointer(to: &kept) { kept in
          unsafe texts.withUnsafeBufferPointer { texts in
            var sent = unsafe weir_curl_request(
              url: texts[0], method: texts[1],
              headers: texts.baseAddress?.advanced(by: fixed.count),
              header_count: texts.count - fixed.count, has_body: request.body == nil ? 0 : 1,
              body: body.baseAddress?.assumingMemoryBound(to: CChar.self),
              body_length: body.count, signature: texts[2], key: texts[3],
              milliseconds: max(1, milliseconds), writer: CurlConnection.keep,
              has_ended: request.hasEnded == nil ? nil : CurlConnection.hasEnded, context: kept)
            return unsafe weir_curl_send(handle, &sent, &status, &wasConnected).map {
              unsafe String(cString: $0)
            }
          }
        }
      }
    }
    if kept.wasStopped { return Answer(status: 200, body: []) }
    if let fault { throw Failure(fault, mayHaveArrived: wasConnected != 0) }
    return Answer(status: status, body: kept.bytes)
  }

  private static let keep: weir_curl_writer = { bytes, count, context in
    guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
    let kept = unsafe context.assumingMemoryBound(to: Kept.self)
    if let take = unsafe kept.pointee.take {
      var part: [UInt8] = []
      part.reserveCapacity(count)
      for index in 0..<count { unsafe part.append(UInt8(bitPattern: bytes[index])) }
      if take(part) { return count }
      unsafe kept.pointee.wasStopped = true
      return 0
    }
    let room = unsafe max(0, kept.pointee.bytesMax - kept.pointee.bytes.count)
    for index in 0..<min(count, room) {
      unsafe kept.pointee.bytes.append(UInt8(bitPattern: bytes[index]))
    }
    return count
  }

  private static let hasEnded: weir_curl_question = { context in
    guard let context = unsafe context else { return 0 }
    return unsafe context.assumingMemoryBound(to: Kept.self).pointee.hasEnded?() ?? false ? 1 : 0
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

/// A handler's response.
///
/// The server sets `Date`, `Content-Length`, `Transfer-Encoding` and `Connection`; a handler's
/// values for these are ignored.
package struct HTTPResponse: Sendable {
  /// 200 to 599.
  package var status: Int
  package var headers: HTTPHeaders
  /// Not sent for HEAD; the headers are the same.
  package var body: HTTPBody

  package init(status: Int = 200, headers: HTTPHeaders = [:], body: [UInt8] = []) {
    self.init(status: status, headers: headers, stream: .bytes(body))
  }

  package init(status: Int = 200, headers: HTTPHeaders = [:], stream: HTTPBody) {
    self.status = status
    self.headers = headers
    body = stream
  }

  /// A page of plain text.
  package static func text(
    _ text: String, status: Int = 200, headers: HTTPHeaders = [:]
  ) -> HTTPResponse {
    var headers = headers
    headers.add("Content-Type", "text/plain; charset=utf-8")
    return HTTPResponse(status: status, headers: headers, body: Array(text.utf8))
  }

  /// An error message as one line of plain text. It should say what is wrong and what to do.
  package static func error(
    _ status: Int, _ message: String, headers: HTTPHeaders = [:]
  ) -> HTTPResponse {
    .text(message + "\n", status: status, headers: headers)
  }
}

/// Answers a request. Runs outside the server's queue, so it may take long.
///
/// There is no deadline, but the task is cancelled when the connection is closed, for example at
/// the end of the grace period of `HTTPServer.stop`.
package typealias HTTPHandler = @Sendable (HTTPRequest) async -> HTTPResponse

/// How the end of a response's body is marked (RFC 9112, section 6.3).
enum HTTPFraming: Equatable {
  /// By `Content-Length`.
  case length(Int)
  /// By the chunked transfer coding.
  case chunked
  /// By closing the connection, because HTTP/1.0 has no chunks.
  case close

  /// A piece of the body with its framing.
  func framed(_ piece: HTTPBodyPiece) -> [UInt8] {
    guard self == .chunked else { return piece.bytes }
    var framed: [UInt8] = []
    framed.reserveCapacity(piece.bytes.count + 24)
    // An empty chunk would end the body.
    if !piece.bytes.isEmpty {
      framed += Array(String(piece.bytes.count, radix: 16).utf8) + Array("\r\n".utf8)
      framed += piece.bytes
      framed += Array("\r\n".utf8)
    }
    if piece.isLast { framed += Array("0\r\n\r\n".utf8) }
    return framed
  }
}

extension HTTPResponse {
  /// The bytes of the status line and the headers, including the empty line at the end.
  func head(
    unixSeconds: Int64, closes: Bool, version: HTTPRequest.Version, framing: HTTPFraming
  ) -> [UInt8] {
    var text = "HTTP/1.1 \(status) \(Self.reason(of: status))\r\n"
    for field in headers.fields where !Self.isOurs(field.name) {
      text += "\(field.name): \(field.value.asFieldValue)\r\n"
    }
    text += "Date: \(HTTPDate.string(unixSeconds: unixSeconds))\r\n"
    switch framing {
    case _ where status == 204: break
    case .length(let count): text += "Content-Length: \(count)\r\n"
    case .chunked: text += "Transfer-Encoding: chunked\r\n"
    case .close: break
    }
    if closes {
      text += "Connection: close\r\n"
    } else if version == .http10 {
      text += "Connection: keep-alive\r\n"
    }
    return Array((text + "\r\n").utf8)
  }

  /// Whether responses with this status never have a body (RFC 9110, 6.4.1).
  var isBodiless: Bool { status == 204 || status == 304 }

  private static func isOurs(_ name: String) -> Bool {
    ["Date", "Content-Length", "Connection", "Transfer-Encoding"]
      .contains { name.equalsIgnoringCase($0) }
  }

  /// The reason phrase of RFC 9110, section 15. Clients ignore it.
  static func reason(of status: Int) -> String {
    switch status {
    case 200: "OK"
    case 202: "Accepted"
    case 204: "No Content"
    case 301: "Moved Permanently"
    case 302: "Found"
    case 304: "Not Modified"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 406: "Not Acceptable"
    case 408: "Request Timeout"
    case 411: "Length Required"
    case 413: "Content Too Large"
    case 415: "Unsupported Media Type"
    case 417: "Expectation Failed"
    case 421: "Misdirected Request"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    case 505: "HTTP Version Not Supported"
    default: "Status \(status)"
    }
  }
}

extension String {
  /// The value with control characters replaced by spaces, so that it cannot end its header line.
  fileprivate var asFieldValue: String {
    guard utf8.contains(where: { !$0.isFieldValue }) else { return self }
    return String(decoding: utf8.map { $0.isFieldValue ? $0 : .space }, as: UTF8.self)
  }
}

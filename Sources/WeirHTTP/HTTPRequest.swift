import WeirSockets

/// A request whose head was read and found to be in order.
package struct HTTPRequest: Sendable, Equatable {
  package enum Version: String, Sendable {
    case http10 = "HTTP/1.0"
    case http11 = "HTTP/1.1"
  }

  /// The method as sent, such as `GET`; methods are case-sensitive.
  package var method: String
  /// The target up to `?`, as sent: `/metrics`. Percent signs are not decoded. `*` for `OPTIONS *`.
  package var path: String
  /// What follows the first `?`, as sent; nil without one.
  package var query: String?
  package var version: Version
  package var headers: HTTPHeaders
  /// What the request carries, where its path takes that (`HTTPRouter.add`); else empty.
  package var body: [UInt8] = []
  /// Who sent it; nil for one that no connection brought.
  package var peer: SocketAddress?

  package init(
    method: String = "GET", path: String, query: String? = nil, version: Version = .http11,
    headers: HTTPHeaders = [:]
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.version = version
    self.headers = headers
  }
}

/// How a request's body is told from what follows it (RFC 9112, section 6.3).
enum HTTPBodyLength: Equatable {
  case bytes(Int)
  case chunked
}

/// A request head with what it says of the bytes that follow.
struct HTTPRequestHead: Equatable {
  var request: HTTPRequest
  var bodyLength: HTTPBodyLength
  /// The longest body that the path takes; nil where a body is thrown away.
  var bodyBytesMax: Int?
  /// Whether the client waits to be told to send the body.
  var expectsContinue: Bool
  /// Whether the client wants to send more requests on the connection.
  var keepsAlive: Bool
}

/// Why a request cannot be handled: the status and one sentence for whoever sent it.
struct HTTPRejection: Error, Equatable {
  let status: Int
  let sentence: String
  let headers: HTTPHeaders

  init(_ status: Int, _ sentence: String, headers: HTTPHeaders = [:]) {
    self.status = status
    self.sentence = sentence
    self.headers = headers
  }

  /// A bad request: 400.
  init(_ sentence: String) {
    self.init(400, sentence)
  }
}

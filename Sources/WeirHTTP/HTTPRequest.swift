import WeirSockets

/// A well-formed request.
package struct HTTPRequest: Sendable, Equatable {
  package enum Version: String, Sendable {
    case http10 = "HTTP/1.0"
    case http11 = "HTTP/1.1"
  }

  /// The method as sent, such as `GET`; methods are case-sensitive.
  package var method: String
  /// The target up to `?`, as sent: `/metrics`. Percent signs are not decoded. `*` for `OPTIONS *`.
  package var path: String
  /// The part after the first `?`, as sent; nil if there is no `?`.
  package var query: String?
  package var version: Version
  package var headers: HTTPHeaders
  /// The body, if the path accepts one (`HTTPRouter.add`); else empty.
  package var body: [UInt8] = []
  /// The client's address; nil for a request that did not come from a connection.
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

/// How the end of a request's body is determined (RFC 9112, section 6.3).
enum HTTPBodyLength: Equatable {
  case bytes(Int)
  case chunked
}

/// A request's head, with the properties of the body that follows.
struct HTTPRequestHead: Equatable {
  var request: HTTPRequest
  var bodyLength: HTTPBodyLength
  /// The longest body that the path accepts; nil if a body is discarded.
  var bodyBytesMax: Int?
  /// Whether the client waits for `100 Continue` before it sends the body.
  var expectsContinue: Bool
  /// Whether the connection stays open after the response.
  var keepsAlive: Bool
}

/// Why a request is refused: the status and one sentence for the client.
struct HTTPRejection: Error, Equatable {
  let status: Int
  let message: String
  let headers: HTTPHeaders

  init(_ status: Int, _ message: String, headers: HTTPHeaders = [:]) {
    self.status = status
    self.message = message
    self.headers = headers
  }

  /// 400 Bad Request.
  init(_ message: String) {
    self.init(400, message)
  }
}

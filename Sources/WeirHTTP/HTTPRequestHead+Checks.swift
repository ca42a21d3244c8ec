extension HTTPRequestHead {
  /// Checks what the headers say of the request's host, length and connection.
  init(checking request: HTTPRequest, limits: HTTPLimits) throws(HTTPRejection) {
    let headers = request.headers
    try Self.checkHost(of: request)
    guard headers["Transfer-Encoding"] == nil else {
      throw HTTPRejection(501, "this server takes no Transfer-Encoding; send a Content-Length")
    }
    bodyBytes = try Self.bodyBytes(in: headers)
    guard bodyBytes <= limits.requestBodyBytesMax else {
      throw HTTPRejection(
        413, "the request body is longer than \(limits.requestBodyBytesMax) bytes")
    }
    // The client would wait for a leave that never comes.
    guard bodyBytes == 0 || headers["Expect"] == nil else {
      throw HTTPRejection(417, "this server takes no Expect; send the request without it")
    }
    self.request = request
    if headers.list("Connection", contains: "close") {
      keepsAlive = false
    } else {
      keepsAlive =
        request.version == .http11 || headers.list("Connection", contains: "keep-alive")
    }
  }

  private static func checkHost(of request: HTTPRequest) throws(HTTPRejection) {
    let hosts = request.headers.all("Host")
    guard hosts.count <= 1 else { throw HTTPRejection("the request has more than one Host header") }
    guard let host = hosts.first else {
      guard request.version == .http10 else {
        throw HTTPRejection("the request has no Host header, which HTTP/1.1 asks for")
      }
      return
    }
    guard host.isEmpty || isHost(ArraySlice(host.utf8)) else {
      throw HTTPRejection("the Host header is not a host with an optional port")
    }
  }

  private static func bodyBytes(in headers: HTTPHeaders) throws(HTTPRejection) -> Int {
    let lengths = headers.all("Content-Length")
    guard lengths.count <= 1 else {
      throw HTTPRejection("the request has more than one Content-Length header")
    }
    guard let length = lengths.first else { return 0 }
    // Int(_:) would take a sign as well.
    guard !length.isEmpty, length.utf8.allSatisfy(\.isDigit), let bytes = Int(length) else {
      throw HTTPRejection("the Content-Length header is not a number of bytes")
    }
    return bytes
  }
}

/// Whether bytes are a host, by name or address, with an optional port (`uri-host [":" port]`).
func isHost(_ bytes: ArraySlice<UInt8>) -> Bool {
  var rest = bytes
  if rest.first == UInt8(ascii: "[") {
    guard let end = rest.firstIndex(of: UInt8(ascii: "]")) else { return false }
    let literal = rest[rest.index(after: rest.startIndex)..<end]
    guard !literal.isEmpty,
      literal.allSatisfy({ $0.isHexDigit || $0 == .colon || $0 == UInt8(ascii: ".") })
    else { return false }
    rest = rest[(end + 1)...]
  } else {
    rest = rest.drop(while: \.isHostName)
    guard rest.startIndex > bytes.startIndex else { return false }
  }
  guard let colon = rest.first else { return true }
  let port = rest.dropFirst()
  return colon == .colon && port.count <= 5 && port.allSatisfy(\.isDigit)
}

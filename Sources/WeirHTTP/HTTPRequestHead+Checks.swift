extension HTTPRequestHead {
  /// Checks the headers about the host, the body and the connection.
  ///
  /// - Parameter bodyRule: What the path accepts of a body; nil if it accepts none.
  /// - Throws: `HTTPRejection` with the status and what to change in the request.
  init(
    checking request: HTTPRequest, limits: HTTPLimits, bodyRule: HTTPBodyRule? = nil
  ) throws(HTTPRejection) {
    let headers = request.headers
    try Self.checkHost(of: request)
    bodyBytesMax = bodyRule?.bytesMax
    if let bodyRule {
      bodyLength = try Self.length(ofBodyIn: request, bodyRule)
      expectsContinue = try Self.expectsContinue(request)
    } else {
      bodyLength = .bytes(try Self.lengthOfDiscardedBody(in: headers, limits: limits))
      expectsContinue = false
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
        throw HTTPRejection("the request has no Host header, which HTTP/1.1 requires")
      }
      return
    }
    guard host.isEmpty || isHost(ArraySlice(host.utf8)) else {
      throw HTTPRejection("the Host header is not host or host:port")
    }
  }

  /// The length of a body that the path does not accept.
  private static func lengthOfDiscardedBody(
    in headers: HTTPHeaders, limits: HTTPLimits
  ) throws(HTTPRejection) -> Int {
    guard headers["Transfer-Encoding"] == nil else {
      throw HTTPRejection(501, "this page does not support Transfer-Encoding")
    }
    let bytes = try contentLength(headers) ?? 0
    guard bytes <= limits.requestBodyBytesMax else { throw .tooLong(limits.requestBodyBytesMax) }
    // The client would wait for a 100 Continue that is never sent.
    guard bytes == 0 || headers["Expect"] == nil else {
      throw HTTPRejection(417, "this page does not support Expect; send the request without it")
    }
    return bytes
  }

  /// The length of a body that the path accepts. Ambiguous lengths are refused.
  private static func length(
    ofBodyIn request: HTTPRequest, _ rule: HTTPBodyRule
  ) throws(HTTPRejection) -> HTTPBodyLength {
    let bytesMax = rule.bytesMax
    guard request.contentCodings.isEmpty || rule.acceptsGzip && request.isGzipped else {
      throw HTTPRejection(
        415,
        rule.acceptsGzip
          ? "the only supported Content-Encoding is gzip, once"
          : "Content-Encoding is not supported; send the body uncompressed",
        headers: ["Accept-Encoding": rule.acceptsGzip ? "gzip" : "identity"])
    }
    let length = try contentLength(request.headers)
    let transfers = request.headers.all("Transfer-Encoding")
    guard let transfer = transfers.first else {
      guard let length = length ?? (rule.mayBeMissing ? 0 : nil) else {
        throw HTTPRejection(
          411, "the request does not give the length of its body; send a Content-Length")
      }
      guard length <= bytesMax else { throw .tooLong(bytesMax) }
      return .bytes(length)
    }
    guard length == nil else {
      throw HTTPRejection("the request has both Content-Length and Transfer-Encoding; send one")
    }
    guard transfers.count == 1 else {
      throw HTTPRejection("the request has more than one Transfer-Encoding header")
    }
    guard request.version == .http11 else {
      throw HTTPRejection("HTTP/1.0 has no Transfer-Encoding; send a Content-Length")
    }
    guard transfer.equalsIgnoringCase("chunked") else {
      throw HTTPRejection(501, "the only supported Transfer-Encoding is chunked")
    }
    return .chunked
  }

  private static func expectsContinue(_ request: HTTPRequest) throws(HTTPRejection) -> Bool {
    // HTTP/1.0 has no 100 Continue, so its clients do not wait for it (RFC 9110, 10.1.1).
    guard let expected = request.headers["Expect"], request.version == .http11 else { return false }
    guard expected.equalsIgnoringCase("100-continue"), request.headers.all("Expect").count == 1
    else {
      throw HTTPRejection(417, "the only supported Expect is 100-continue")
    }
    return true
  }

  /// The value of `Content-Length`; nil if there is no such header.
  private static func contentLength(_ headers: HTTPHeaders) throws(HTTPRejection) -> Int? {
    let lengths = headers.all("Content-Length")
    guard lengths.count <= 1 else {
      throw HTTPRejection("the request has more than one Content-Length header")
    }
    guard let length = lengths.first else { return nil }
    // Checked because Int(_:) accepts a sign.
    guard !length.isEmpty, length.utf8.allSatisfy(\.isDigit), let bytes = Int(length) else {
      throw HTTPRejection("the Content-Length header is not a number of bytes")
    }
    return bytes
  }
}

extension HTTPRejection {
  static func tooLong(_ bytesMax: Int) -> HTTPRejection {
    HTTPRejection(413, "the request body exceeds \(bytesMax) bytes; send a smaller one")
  }
}

/// Whether bytes are a host name or address with an optional port (`uri-host [":" port]`).
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

extension HTTPRequestHead {
  /// Checks what the headers say of the request's host, body and connection.
  ///
  /// - Parameter bodyBytesMax: The longest body that the request's path takes; nil for none.
  init(
    checking request: HTTPRequest, limits: HTTPLimits, bodyBytesMax: Int? = nil
  ) throws(HTTPRejection) {
    let headers = request.headers
    try Self.checkHost(of: request)
    self.bodyBytesMax = bodyBytesMax
    if let bodyBytesMax {
      bodyLength = try Self.length(ofBodyIn: request, bytesMax: bodyBytesMax)
      expectsContinue = try Self.expectsContinue(request)
    } else {
      bodyLength = .bytes(try Self.bytesThrownAway(in: headers, limits: limits))
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
        throw HTTPRejection("the request has no Host header, which HTTP/1.1 asks for")
      }
      return
    }
    guard host.isEmpty || isHost(ArraySlice(host.utf8)) else {
      throw HTTPRejection("the Host header is not a host with an optional port")
    }
  }

  /// The length of a body where none is taken.
  private static func bytesThrownAway(
    in headers: HTTPHeaders, limits: HTTPLimits
  ) throws(HTTPRejection) -> Int {
    guard headers["Transfer-Encoding"] == nil else {
      throw HTTPRejection(501, "this server takes no Transfer-Encoding; send a Content-Length")
    }
    let bytes = try contentLength(headers) ?? 0
    guard bytes <= limits.requestBodyBytesMax else { throw .tooLong(limits.requestBodyBytesMax) }
    // The client would wait for a leave that never comes.
    guard bytes == 0 || headers["Expect"] == nil else {
      throw HTTPRejection(417, "this server takes no Expect; send the request without it")
    }
    return bytes
  }

  /// How long a body is that is taken. Where two readers could differ, it is refused.
  private static func length(
    ofBodyIn request: HTTPRequest, bytesMax: Int
  ) throws(HTTPRejection) -> HTTPBodyLength {
    let codings = request.headers.all("Content-Encoding").flatMap { $0.split(separator: ",") }
    guard codings.allSatisfy({ String($0).trimmed.equalsIgnoringCase("identity") }) else {
      throw HTTPRejection(
        415, "this server takes no Content-Encoding; send the body as it is",
        headers: ["Accept-Encoding": "identity"])
    }
    let length = try contentLength(request.headers)
    let transfers = request.headers.all("Transfer-Encoding")
    guard let transfer = transfers.first else {
      guard let length else {
        throw HTTPRejection(
          411, "the request does not say how long its body is; send a Content-Length")
      }
      guard length <= bytesMax else { throw .tooLong(bytesMax) }
      return .bytes(length)
    }
    guard length == nil else {
      throw HTTPRejection("the request has both a Content-Length and a Transfer-Encoding")
    }
    guard transfers.count == 1 else {
      throw HTTPRejection("the request has more than one Transfer-Encoding header")
    }
    guard request.version == .http11 else {
      throw HTTPRejection("HTTP/1.0 has no Transfer-Encoding; send a Content-Length")
    }
    guard transfer.equalsIgnoringCase("chunked") else {
      throw HTTPRejection(501, "this server takes no Transfer-Encoding but chunked")
    }
    return .chunked
  }

  private static func expectsContinue(_ request: HTTPRequest) throws(HTTPRejection) -> Bool {
    // HTTP/1.0 has no such answer, so that nobody waits for it (RFC 9110, 10.1.1).
    guard let expected = request.headers["Expect"], request.version == .http11 else { return false }
    guard expected.equalsIgnoringCase("100-continue"), request.headers.all("Expect").count == 1
    else {
      throw HTTPRejection(417, "this server takes no Expect but 100-continue")
    }
    return true
  }

  /// Nil where there is no such header.
  private static func contentLength(_ headers: HTTPHeaders) throws(HTTPRejection) -> Int? {
    let lengths = headers.all("Content-Length")
    guard lengths.count <= 1 else {
      throw HTTPRejection("the request has more than one Content-Length header")
    }
    guard let length = lengths.first else { return nil }
    // Int(_:) would take a sign as well.
    guard !length.isEmpty, length.utf8.allSatisfy(\.isDigit), let bytes = Int(length) else {
      throw HTTPRejection("the Content-Length header is not a number of bytes")
    }
    return bytes
  }
}

extension HTTPRejection {
  static func tooLong(_ bytesMax: Int) -> HTTPRejection {
    HTTPRejection(413, "the request body is longer than \(bytesMax) bytes")
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

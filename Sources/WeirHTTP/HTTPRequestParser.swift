/// Parses the request heads in the input of one connection.
///
/// The parser refuses everything that RFC 9112 allows a server to refuse, because input that a
/// proxy and this server understand differently can smuggle a request. One exception: a line may
/// end with LF alone, which people type.
struct HTTPRequestParser {
  let limits: HTTPLimits
  /// What a request's path accepts of a body; nil if it accepts none.
  let bodyRule: @Sendable (HTTPRequest) -> HTTPBodyRule?
  /// Bytes at the start of the input that were searched for the end of the head without success.
  private var scanned = 0
  /// Bytes of empty lines that were skipped before the request line.
  private var skipped = 0

  init(
    limits: HTTPLimits,
    bodyRule: @escaping @Sendable (HTTPRequest) -> HTTPBodyRule? = { _ in nil }
  ) {
    self.limits = limits
    self.bodyRule = bodyRule
  }

  /// Removes the next head from the start of the input; nil if it is not complete.
  ///
  /// - Throws: `HTTPRejection`. The rest of the input must not be parsed after that.
  mutating func next(in input: inout [UInt8]) throws(HTTPRejection) -> HTTPRequestHead? {
    skipEmptyLines(in: &input)
    guard let first = input.first else {
      if skipped > limits.requestHeadBytesMax { throw tooLarge }
      return nil
    }
    // Checked before the head is complete, because a client of another protocol may send no more
    // until it gets an answer. 0x16 is the first byte of a TLS handshake.
    guard first != 0x16 else {
      throw HTTPRejection("this port speaks plain HTTP, not TLS; use http:// in the address")
    }
    guard first.isToken || first == .carriageReturn else {
      throw HTTPRejection("the request does not start with a method such as GET")
    }
    guard let end = headEnd(in: input) else {
      if input.count > limits.requestHeadBytesMax { throw tooLarge }
      return nil
    }
    guard end <= limits.requestHeadBytesMax else { throw tooLarge }
    let head = try parse(input[..<end])
    input.removeFirst(end)
    (scanned, skipped) = (0, 0)
    return head
  }

  private var tooLarge: HTTPRejection {
    HTTPRejection(
      431,
      "the request line and headers exceed \(limits.requestHeadBytesMax) bytes; "
        + "send fewer or shorter headers")
  }

  /// Skips empty lines before the request line (RFC 9112, 2.2).
  private mutating func skipEmptyLines(in input: inout [UInt8]) {
    var start = 0
    while start < input.count {
      if input[start] == .lineFeed {
        start += 1
      } else if input[start...].starts(with: [.carriageReturn, .lineFeed]) {
        start += 2
      } else {
        break
      }
    }
    if start > 0 { input.removeFirst(start) }
    skipped += start
  }

  /// The index after the empty line that ends the head.
  private mutating func headEnd(in input: [UInt8]) -> Int? {
    var index = max(scanned - 2, 0)
    while index < input.count {
      if input[index] == .lineFeed {
        if index + 1 < input.count, input[index + 1] == .lineFeed { return index + 2 }
        if index + 2 < input.count, input[index + 1] == .carriageReturn,
          input[index + 2] == .lineFeed
        {
          return index + 3
        }
      }
      index += 1
    }
    scanned = input.count
    return nil
  }

  private func parse(_ head: ArraySlice<UInt8>) throws(HTTPRejection) -> HTTPRequestHead {
    var lines: [ArraySlice<UInt8>] = []
    for line in head.split(separator: .lineFeed, omittingEmptySubsequences: false) {
      let text = line.last == .carriageReturn ? line.dropLast() : line
      guard !text.contains(.carriageReturn) else {
        throw HTTPRejection("a carriage return has no line feed; lines must end with CR LF")
      }
      lines.append(text)
    }
    // The empty line at the end, and the empty string after its line feed.
    lines.removeLast(2)
    guard lines.count <= limits.headersMax + 1 else {
      throw HTTPRejection(431, "the request has more than \(limits.headersMax) headers; send fewer")
    }
    var request = try parseRequestLine(lines[0])
    for line in lines.dropFirst() {
      let (name, value) = try parseHeader(line)
      request.headers.add(name, value)
    }
    return try HTTPRequestHead(
      checking: request, limits: limits, bodyRule: bodyRule(request))
  }

  private func parseRequestLine(_ line: ArraySlice<UInt8>) throws(HTTPRejection) -> HTTPRequest {
    let parts = line.split(separator: .space, omittingEmptySubsequences: false)
    guard parts.count == 3, !parts[0].isEmpty, !parts[1].isEmpty else {
      throw HTTPRejection("the request line is not of the form: GET /path HTTP/1.1")
    }
    guard parts[0].allSatisfy(\.isToken) else {
      throw HTTPRejection("the method contains an invalid character")
    }
    guard parts[1].allSatisfy(\.isTarget) else {
      throw HTTPRejection("the request target contains a character that must be percent-encoded")
    }
    let version = try parseVersion(parts[2])
    let method = String(decoding: parts[0], as: UTF8.self)
    let (path, query) = try split(target: parts[1], method: method)
    return HTTPRequest(method: method, path: path, query: query, version: version)
  }

  private func parseVersion(
    _ bytes: ArraySlice<UInt8>
  ) throws(HTTPRejection) -> HTTPRequest.Version {
    let text = String(decoding: bytes, as: UTF8.self)
    if let version = HTTPRequest.Version(rawValue: text) { return version }
    let rest = Array(bytes.dropFirst(5))
    guard bytes.starts(with: Array("HTTP/".utf8)), rest.count == 3, rest[0].isDigit,
      rest[1] == UInt8(ascii: "."), rest[2].isDigit
    else {
      throw HTTPRejection("the request line does not end with a version such as HTTP/1.1")
    }
    throw HTTPRejection(505, "this server supports HTTP/1.1 and HTTP/1.0, not \(text)")
  }

  /// Splits `/path?query` or `http://host/path?query` into path and query.
  private func split(
    target: ArraySlice<UInt8>, method: String
  ) throws(HTTPRejection) -> (path: String, query: String?) {
    var target = target
    let lowered = target.prefix(8).map(\.lowered)
    for scheme in ["http://", "https://"] where lowered.starts(with: Array(scheme.utf8)) {
      let authority = target.dropFirst(scheme.utf8.count)
      let end = authority.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }
      let host = authority[..<(end ?? authority.endIndex)]
      guard !host.isEmpty, isHost(host) else {
        throw HTTPRejection("the host in the request target is invalid")
      }
      target = authority[host.endIndex...]
      if target.first != UInt8(ascii: "/") { target = ArraySlice(Array("/".utf8) + target) }
    }
    let isAsterisk = method == "OPTIONS" && target.elementsEqual("*".utf8)
    guard target.first == UInt8(ascii: "/") || isAsterisk else {
      throw HTTPRejection("the request target does not start with a slash")
    }
    guard let mark = target.firstIndex(of: UInt8(ascii: "?")) else {
      return (String(decoding: target, as: UTF8.self), nil)
    }
    return (
      String(decoding: target[..<mark], as: UTF8.self),
      String(decoding: target[(mark + 1)...], as: UTF8.self)
    )
  }

  private func parseHeader(
    _ line: ArraySlice<UInt8>
  ) throws(HTTPRejection) -> (name: String, value: String) {
    guard let first = line.first, !first.isBlank else {
      throw HTTPRejection("a header line starts with a space; folded headers are not supported")
    }
    guard let colon = line.firstIndex(of: .colon), colon > line.startIndex else {
      throw HTTPRejection("a header line is not of the form: Name: value")
    }
    let name = line[..<colon]
    guard name.allSatisfy(\.isToken) else {
      throw HTTPRejection("a header name contains a space or an invalid character")
    }
    var value = line[(colon + 1)...].drop(while: \.isBlank)
    while value.last?.isBlank == true { value.removeLast() }
    guard value.allSatisfy(\.isFieldValue) else {
      throw HTTPRejection("a header value contains a control character")
    }
    return (String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
  }
}

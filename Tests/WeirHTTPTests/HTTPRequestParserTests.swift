import Testing

@testable import WeirHTTP

struct HTTPRequestParserTests {
  @Test("a malformed request is answered with its status and a reason", arguments: malformed)
  func refuses(_ example: Malformed) {
    var parser = HTTPRequestParser(limits: HTTPLimits())
    var input = Array(example.bytes)
    #expect(throws: HTTPRejection(example.status, example.message)) {
      _ = try parser.next(in: &input)
    }
  }

  @Test(
    "a request is parsed in every allowed form",
    arguments: [
      ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", HTTPRequest(path: "/", headers: ["Host": "a"])),
      ("GET / HTTP/1.1\nHost: a\n\n", HTTPRequest(path: "/", headers: ["Host": "a"])),
      (
        "\r\n\n\r\nGET /a?b?c=d HTTP/1.1\r\nhost:\t a:80 \t\r\n\r\n",
        HTTPRequest(path: "/a", query: "b?c=d", headers: ["host": "a:80"])
      ),
      ("GET /? HTTP/1.0\r\n\r\n", HTTPRequest(path: "/", query: "", version: .http10)),
      (
        "GET http://h:1/m?q HTTP/1.1\r\nHost: [::1]:9\r\nX:\r\n\r\n",
        HTTPRequest(path: "/m", query: "q", headers: ["Host": "[::1]:9", "X": ""])
      ),
      (
        "HEAD HTTPS://h HTTP/1.1\r\nHost:\r\n\r\n",
        HTTPRequest(method: "HEAD", path: "/", headers: ["Host": ""])
      ),
      (
        "GET http://h?q HTTP/1.1\r\nHost: h\r\n\r\n",
        HTTPRequest(path: "/", query: "q", headers: ["Host": "h"])
      ),
      (
        "OPTIONS * HTTP/1.1\r\nHost: h\r\nA: é\r\n\r\n",
        HTTPRequest(method: "OPTIONS", path: "*", headers: ["Host": "h", "A": "é"])
      ),
    ])
  func reads(text: String, request: HTTPRequest) throws {
    var parser = HTTPRequestParser(limits: HTTPLimits())
    var input = Array(text.utf8)
    #expect(try parser.next(in: &input)?.request == request)
    #expect(input == [])
  }

  @Test func `requests are parsed however they are split into reads`() throws {
    let one = Array("\r\nGET /1 HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    let two = Array("GET /2 HTTP/1.1\nHost: b\n\nrest".utf8)
    for cut in 0...(one + two).count {
      var parser = HTTPRequestParser(limits: HTTPLimits())
      var input: [UInt8] = []
      var paths: [String] = []
      for part in [(one + two)[..<cut], (one + two)[cut...]] {
        input += part
        while let head = try parser.next(in: &input) { paths.append(head.request.path) }
      }
      #expect(paths == ["/1", "/2"])
      #expect(input == Array("rest".utf8))
    }
  }

  @Test(
    "the client decides whether the connection stays open",
    arguments: [
      ("1.1", "", true), ("1.1", "Connection: close\r\n", false),
      ("1.1", "Connection: keep-alive, Close\r\n", false), ("1.0", "", false),
      ("1.0", "Connection: Keep-Alive\r\n", true), ("1.1", "Connection: closed\r\n", true),
      ("1.0", "Connection: close, keep-alive\r\n", false),
    ])
  func connection(version: String, header: String, keepsAlive: Bool) throws {
    var parser = HTTPRequestParser(limits: HTTPLimits())
    var input = Array("GET / HTTP/\(version)\r\nHost: a\r\n\(header)\r\n".utf8)
    #expect(try parser.next(in: &input)?.keepsAlive == keepsAlive)
  }

  @Test(
    "dates have the format of RFC 9110",
    arguments: [
      (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
      (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
      (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
      (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"),
      (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
      (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
      (Int64.max, "Fri, 31 Dec 9999 23:59:59 GMT"), (-1, "Thu, 01 Jan 1970 00:00:00 GMT"),
    ] as [(Int64, String)])
  func dates(seconds: Int64, text: String) {
    #expect(HTTPDate.string(unixSeconds: seconds) == text)
  }

  @Test func `a handler cannot inject a header line`() {
    let response = HTTPResponse(headers: ["X": "a\r\nSet-Cookie: b", "content-length": "7"])
    let head = response.head(
      unixSeconds: testSeconds, closes: true, version: .http11, framing: .length(0))
    #expect(
      String(decoding: head, as: UTF8.self)
        == "HTTP/1.1 200 OK\r\nX: a  Set-Cookie: b\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        + "Content-Length: 0\r\nConnection: close\r\n\r\n")
  }
}

import Testing

@testable import WeirHTTP

/// Compressed request bodies over real connections.
@Suite(.serialized)
struct HTTPPackedBodyTests {
  private static func post(_ headers: String, path: String) -> String {
    "POST \(path) HTTP/1.1\r\nHost: a\r\n\(headers)\r\n\r\n"
  }

  private static func answer(to body: [UInt8]) -> String {
    "\(body.count) bytes, \(checksum(body))\n"
  }

  @Test func `a prefix answers for paths that are no page's, also without a length`() async throws {
    var router = HTTPRouter()
    router.add("/a/page") { _ in .text("page\n") }
    router.add(
      prefix: "/a/", methods: ["PUT"], bodyRule: HTTPBodyRule(bytesMax: 10, mayBeMissing: true)
    ) { .text("\($0.path) \($0.body.count)\n") }
    let pages = router
    let requests = [
      ("GET /a/page", "", 200, "page\n"), ("PUT /a/b/c", "", 200, "/a/b/c 0\n"),
      ("PUT /a/", "Content-Length: 2\r\n", 200, "/a/ 2\n"),
      ("GET /a/b", "", 405, "/a/b accepts PUT, not GET\n"),
      ("PUT /a", "", 404, "page not found: /a\n"),
      ("PUT /a/page", "", 405, "/a/page accepts GET and HEAD, not PUT\n"),
    ]
    try await withServer(bodyRule: pages.bodyRule, handler: pages.respond) { server in
      for (line, header, status, text) in requests {
        let answer = try await onThread {
          let client = try Client(server.address)
          client.send("\(line) HTTP/1.1\r\nHost: a\r\n\(header)\r\n" + (header.isEmpty ? "" : "xy"))
          return try client.response()
        }
        #expect(answer.status == status)
        #expect(answer.text == text)
      }
    }
  }

  @Test func `a compressed body is accepted where the page says so`() async throws {
    var gzip: [UInt8] = []
    let body = (0..<50_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) & 1 }
    #expect(try #require(Deflater(level: 9)).compress(body, isLast: true, onto: &gzip))
    var bomb: [UInt8] = []
    #expect(
      try #require(Deflater(level: 9)).compress(
        [UInt8](repeating: 0, count: 100_001), isLast: true, onto: &bomb))
    let packed = [
      ("Content-Encoding: gzip", gzip, 200, Self.answer(to: body)),
      ("Content-Encoding: X-GZip", gzip, 200, Self.answer(to: body)),
      ("Content-Encoding: identity", [1, 2, 3], 200, Self.answer(to: [1, 2, 3])),
      (
        "Content-Encoding: gzip", bomb, 413,
        "the request body exceeds 100000 bytes when it is unpacked; send a smaller one\n"
      ),
      ("Content-Encoding: gzip", [1, 2, 3], 400, "the request body is not in the gzip format\n"),
      (
        "Content-Encoding: gzip", Array(gzip.dropLast()), 400,
        "the compressed request body is cut off\n"
      ),
      (
        "Content-Encoding: gzip, gzip", gzip, 415,
        "the only supported Content-Encoding is gzip, once\n"
      ),
      (
        "Content-Encoding: snappy", gzip, 415,
        "the only supported Content-Encoding is gzip, once\n"
      ),
    ]
    try await withServer { server in
      for (header, bytes, status, text) in packed {
        let answer = try await onThread {
          let client = try Client(server.address)
          client.send(Self.post("\(header)\r\nContent-Length: \(bytes.count)", path: "/packed"))
          client.send(bytes)
          return try client.response()
        }
        #expect(answer.status == status)
        #expect(answer.text == text)
        #expect(answer.headers["Accept-Encoding"] == (status == 415 ? "gzip" : nil))
      }
      #expect(try await eventually { await server.bodyBytesInFlight == 0 })
    }
  }
}

import TestSupport
import Testing
import WeirAggregation
import WeirConfiguration
import WeirHTTP
import WeirMetrics
import WeirSockets

@testable import WeirDaemon

@Suite("Lines over HTTP")
struct StatsDPageTests {
  private let aggregator = Aggregator()
  private let refused = RefusedLines()
  private let meter = PostedMeter()
  private let log = Log(level: .error, format: .logfmt)

  private func page(_ flags: [String] = []) throws -> StatsDPage {
    guard case .run(let options) = try Invocation.parse(flags, cores: 1) else {
      throw TestServer.NoServer()
    }
    return try StatsDPage.make(
      options.statsd, aggregator: aggregator,
      pushed: Pushed(aggregator: aggregator, limits: OwnerLimits()), refused: refused,
      meter: meter, keeper: nil, relay: nil, log: log)
  }

  private func request(_ body: [UInt8], _ headers: HTTPHeaders = [:]) -> HTTPRequest {
    var request = HTTPRequest(method: "POST", path: StatsDPage.path, headers: headers)
    request.body = body
    request.peer = .loopback(port: 7)
    return request
  }

  private func text(_ response: HTTPResponse) -> String? {
    guard case .bytes(let bytes) = response.body else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func value(_ name: String) -> Double? {
    var catalog = Catalog()
    catalog.update(from: aggregator)
    guard let family = catalog.families.first(where: { $0.name == Array(name.utf8) }) else {
      return nil
    }
    var sum = 0.0
    aggregator.forEachSeries(of: family) { piece, index in
      sum += piece.value(index, kind: family.kind)
    }
    return sum
  }

  @Test("are not taken after a stop")
  func stop() async throws {
    let page = try page()
    #expect(await page.respond(to: request(Array("a:1|c".utf8))).status == 204)
    await page.stop()
    let response = await page.respond(to: request(Array("a:1|c".utf8)))
    #expect(response.status == 503 && response.headers["Retry-After"] == "1")
    #expect(value("a") == 1 && meter.reading.requests == 1)
  }

  @Test(
    "are taken as they are in datagrams",
    arguments: [
      "a:1|c\na:2|c|#k:v\n", "a:1|c\r\na,k=v:2|c\r\n", "a:1|c\na:2|c", "\n\na:3|c\n\n",
      "a:1:2|c", "_e{1,1}:a|b\na:3|c", "_sc|a|0\na:3|c",
    ])
  func taken(body: String) async throws {
    let response = await (try page()).respond(to: request(Array(body.utf8)))
    #expect(response.status == 204)
    #expect(value("a") == 3)
  }

  @Test("are answered with the lines that were refused, and why")
  func refusals() async throws {
    let body = "ok:1|c\nx:oops|c\n\nok:1|c\ny:1|q\nok:1|g\n:1|c\nz|c\nu:1|c|@2\nv:1|c|@0\n"
    let response = await (try page()).respond(to: request(Array(body.utf8)))
    #expect(response.status == 400)
    #expect(
      text(response) == """
        2 lines were taken and 7 refused; correct the refused and send only those again
        line 2: the value is not a decimal number (bad_value): "x:oops|c"
        line 5: the type is none of c g ms h d s (unknown_type): "y:1|q"
        line 6: the name has another type, or is one that a histogram makes (type_clash): "ok:1|g"
        line 7: there is no name (empty_name): ":1|c"
        line 8: there is no value; write name:value|type (missing_value): "z|c"
        and 2 more

        """)
    #expect(value("ok") == 2)
    // Each is on the page of refused lines, with its sender.
    #expect(refused.lastEntries.count == 7)
    #expect(refused.lastEntries.allSatisfy { $0.sender == .address(.loopback(port: 7)) })
    let reading = meter.reading
    #expect(reading.requests == 1)
    #expect(reading.lines == 9)
    #expect(reading.bytes == body.utf8.count)
    #expect(reading.ingest.lines == 9)
    #expect(reading.ingest.samples(.counter) == 2)
    #expect(reading.ingest.refusals(.badValue) == 1)
  }

  @Test("shows the first refused lines of a long body, and counts all", arguments: 1...3)
  func many(seed: Int) async throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    var lines: [String] = []
    for _ in 0..<Int.random(in: 1...3_000, using: &generator) {
      lines.append(
        generator.oneIn(3)
          ? generator.pick(["", "x", "x:y|c", "a:1|g|c", String(repeating: "n", count: 200)])
          : "a:1|c")
    }
    let bad = lines.enumerated().filter { !$0.element.isEmpty && $0.element != "a:1|c" }
    let good = lines.count { $0 == "a:1|c" }
    let body = lines.joined(separator: generator.oneIn(2) ? "\n" : "\r\n")
    let response = await (try page()).respond(to: request(Array(body.utf8)))
    guard !bad.isEmpty else { return #expect(response.status == 204) }
    let answer = try #require(text(response)).split(separator: "\n")
    #expect(answer[0].contains(" \(bad.count) refused;"))
    for (line, expected) in zip(answer.dropFirst(), bad.prefix(5)) {
      #expect(line.hasPrefix("line \(expected.offset + 1): "))
    }
    #expect(value("a") == (good > 0 ? Double(good) : nil))
  }

  @Test("without any, or with a frame, is refused")
  func none() async throws {
    for body in ["", "\n", "\r\n\n"] {
      let response = await (try page()).respond(to: request(Array(body.utf8)))
      #expect(response.status == 400)
      #expect(
        text(response)
          == "the body contains no line; write each as name:value|type, as in a datagram\n")
    }
    // A frame is for another page, which needs a content type that browsers do not send.
    let frame = TestServer.frame(7, 1, [])
    #expect(await (try page()).respond(to: request(frame)).status == 400)
    #expect(meter.reading.ingest.refusals(.invalidUTF8) == 1)
  }

  @Test(
    "are accepted from senders that may send lines",
    arguments: [
      ([], 204), (["--statsd.allow=127.0.0.0/8"], 204), (["--statsd.allow=10.0.0.0/8"], 403),
      // This is for one listener.
      (["--statsd.allow=127.0.0.1:8125=10.0.0.0/8"], 204), (["--no-statsd.text"], 403),
    ] as [([String], Int)])
  func allowed(flags: [String], status: Int) async throws {
    let response = await (try page(flags)).respond(to: request(Array("a:1|c".utf8)))
    #expect(response.status == status)
    #expect(value("a") == (status == 204 ? 1 : nil))
  }

  @Test("are not accepted because of a page of another site")
  func otherSite() async throws {
    let headers: HTTPHeaders = ["Sec-Fetch-Site": "cross-site"]
    let response = await (try page()).respond(to: request(Array("a:1|c".utf8), headers))
    #expect(response.status == 403)
    #expect(value("a") == nil)
  }

  @Test("are accepted compressed, up to a limit")
  func compressed() async throws {
    let headers: HTTPHeaders = ["Content-Encoding": "gzip"]
    // `printf 'a:1|c\na:2|c\n' | gzip -n`
    let packed: [UInt8] = [
      0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x4B, 0xB4, 0x32, 0xAC, 0x49,
      0xE6, 0x4A, 0xB4, 0x32, 0x02, 0x92, 0x00, 0xFD, 0xD8, 0xA0, 0xE8, 0x0C, 0x00, 0x00, 0x00,
    ]
    #expect(await (try page()).respond(to: request(packed, headers)).status == 204)
    #expect(value("a") == 3)
    #expect(meter.reading.bytes == 12)
    let response = await (try page()).respond(to: request([1, 2], headers))
    #expect(response.status == 400)
    #expect(text(response) == "the request body is not in the gzip format\n")
  }
}

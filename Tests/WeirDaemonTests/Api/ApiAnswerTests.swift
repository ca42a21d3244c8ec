import Testing
import WeirBytes
import WeirConfiguration
import WeirHTTP
import WeirJSON
import WeirWire

@testable import WeirDaemon

@Suite("Answers of the API")
struct ApiAnswerTests {
  private func answer(bytes: Int, _ headers: HTTPHeaders) -> HTTPResponse {
    var json = JSONWriter()
    // With two quotes and a newline.
    json.value(String(repeating: "x", count: bytes - 3))
    return .json(json).compressed(for: HTTPRequest(path: "/", headers: headers))
  }

  @Test("are compressed where that saves a packet and the client takes it, and caches are told")
  func compressed() throws {
    let packed = answer(bytes: 1_400, ["Accept-Encoding": "gzip"])
    #expect(packed.headers["Content-Encoding"] == "gzip")
    #expect(packed.headers["Vary"] == "Accept-Encoding")
    #expect(try HeavyAsking.bytes(packed).count < 200)
    for (bytes, coding) in [(1_399, "gzip"), (1_400, "br"), (1_400, "gzip;q=0")] {
      let plain = answer(bytes: bytes, ["Accept-Encoding": coding])
      #expect(plain.headers["Content-Encoding"] == nil, "\(bytes) \(coding)")
      #expect(try HeavyAsking.bytes(plain).count == bytes)
    }
  }

  @Test("show the last lines of the log, the newest at the end")
  func log() async throws {
    let server = try HeavyAsking.server(["a_total:1|c"])
    let log = Log(level: .info, format: .logfmt, descriptor: -1)
    let status = StatusReader(
      aggregator: server.aggregator, pushed: server.pushed, refused: server.refused, log: log)
    let reader = PulseReader(
      status, askedBufferBytes: 0, adviser: LabelAdviser(server.questions))
    let answers = StatusAnswers(
      insight: Insight(reader), status: status,
      traffic: Traffic(watch: Watch(), aggregator: server.aggregator),
      lineOptions: StatsDOptions(), showsLines: true, changedFlags: [], files: [])
    var pages = ApiPages(hosts: HostRule(names: [], hasUsers: { false }))
    answers.add(to: &pages)
    var router = HTTPRouter()
    pages.add(to: &router)
    for number in 1...5 { log.warn("event", ["number": .init(number)]) }
    let response = await router.respond(to: HTTPRequest(path: "/api/v1/log", query: "limit=2"))
    let json = try #require(JSONValue(HeavyAsking.bytes(response)))
    #expect(
      json["lines"].elements.map { $0["text"].text } == [
        "msg=event number=4", "msg=event number=5",
      ])
  }
}

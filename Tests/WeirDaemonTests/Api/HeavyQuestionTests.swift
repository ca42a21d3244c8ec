import Testing
import WeirBytes
import WeirExposition
import WeirHTTP
import WeirJSON
import WeirPush

@testable import WeirDaemon

@Suite("Heavy questions of the API")
struct HeavyQuestionTests {
  private func server(_ lines: [String], flags: [String] = []) throws -> TestServer {
    let server = try TestServer(flags)
    var pipeline = server.pipeline()
    var messages = Messages()
    for line in lines { messages.append(Array(line.utf8)) }
    pipeline.ingest(messages)
    return server
  }

  private func ask(
    _ server: TestServer, _ path: String, _ query: String? = nil
  ) async throws -> (status: Int, json: JSONValue) {
    var router = HTTPRouter()
    var pages = ApiPages(hosts: HostRule(names: [], hasUsers: { false }))
    HeavyPages(questions: server.questions).add(to: &pages)
    pages.add(to: &router)
    let response = await router.respond(to: HTTPRequest(path: "/api/v1/\(path)", query: query))
    guard case .bytes(let bytes) = response.body else { return (response.status, .null) }
    return (response.status, try #require(JSONValue(bytes)))
  }

  private static let lines =
    (0..<200).map { "user_total:1|c|#user:u\($0),a:\($0 % 3)" } + [
      "lat:0.3|h|#m:x", "lat:0.4|h|#m:x", "mem:5|g", "b_total:1|c",
    ]

  @Test("names have their series, sorted as asked")
  func names() async throws {
    let server = try server(Self.lines)
    let answer = try await ask(server, "names").json
    #expect(
      answer["names"].elements.map { $0["name"].text } == ["user_total", "b_total", "lat", "mem"])
    #expect(answer["names"].elements.map { $0["series"].integer } == [200, 1, 1, 1])
    #expect(
      answer["names"].elements.map { $0["type"].text } == [
        "counter", "counter", "histogram", "gauge",
      ])
    let labels = answer["names"].elements.first?["labels"].elements ?? []
    #expect(labels.map { $0["name"].text } == ["user", "a"])
    #expect(labels.map { $0["values"].integer } == [200, 3])
    let byName = try await ask(server, "names", "sort=name&limit=2").json
    #expect(byName["names"].elements.map { $0["name"].text } == ["b_total", "lat"])
    #expect(byName["shown"].integer == 2 && byName["total"].integer == 4)
    let matched = try await ask(server, "names", "match=*_total").json
    #expect(matched["matched"].integer == 2 && matched["total"].integer == 4)
  }

  @Test("the labels of a name say which one makes its series")
  func labels() async throws {
    let server = try server(Self.lines)
    let answer = try await ask(server, "names/user_total/labels", "limit=1").json
    #expect(answer["advice"].text == "Without the label user, 3 series would be left of 200.")
    #expect(answer["labels"].elements.map { $0["name"].text } == ["user", "a"])
    #expect(answer["labels"].elements.map { $0["series_without"].integer } == [3, 200])
    #expect(answer["labels"].elements.last?["top"].elements.map { $0["series"].integer } == [67])
    #expect(answer["complete"].flag == true)
  }

  @Test("series have their values, and the text that a scrape shows of them")
  func series() async throws {
    let server = try server(Self.lines)
    let answer = try await ask(server, "series", "match=lat").json
    let one = try #require(answer["series"].elements.first)
    #expect(one["count"].integer == 2 && one["labels"].fields == ["m": .text("x")])
    let page = String(decoding: try await server.page(.text, ["lat"]), as: UTF8.self)
    let shown =
      page.split(separator: "\n").filter { $0.hasPrefix("lat") }.joined(separator: "\n") + "\n"
    #expect(one["text"].text == shown)
    let selected = try await ask(server, "series", "match=user_total%7Ba%3D%221%22%7D&limit=5").json
    #expect(selected["total"].integer == 67 && selected["shown"].integer == 5)
    #expect(selected["series"].elements.allSatisfy { $0["labels"]["a"] == .text("1") })
    let gauge = try await ask(server, "series", "match=mem").json
    #expect(gauge["series"].elements.first?["value"].number == 5)
  }

  @Test("a series has the instances that push it, of which some are named, and text has none")
  func owners() async throws {
    let server = try server(Self.lines)
    var pipeline = server.pipeline()
    let series = TestServer.Series("pushed_total")
    for instance in 1...7 as ClosedRange<UInt64> {
      var messages = Messages()
      messages.append(TestServer.frame(instance, 1, [.counter(series, total: 2)]))
      pipeline.ingest(messages)
    }
    let pushed = try #require(
      try await ask(server, "series", "match=pushed_total").json["series"].elements.first)
    #expect(pushed["value"].number == 14 && pushed["owners"]["instances"].integer == 7)
    let named = pushed["owners"]["first"].elements.compactMap(\.text)
    #expect(Set(named).count == 5)
    #expect(
      named.allSatisfy {
        $0.count == 16 && Int($0, radix: 16).map { (1...7).contains($0) } ?? false
      })
    // An instance that has ended holds nothing more.
    var messages = Messages()
    messages.append(
      TestServer.frame(3, 2, [.counter(series, total: 2)], flags: .final))
    pipeline.ingest(messages)
    let left = try await ask(server, "series", "match=pushed_total").json["series"].elements.first
    #expect(left?["owners"]["instances"].integer == 6)
    let text = try await ask(server, "series", "match=mem").json["series"].elements.first
    #expect(text?["owners"] == .null)
  }

  @Test("only the first twenty series have their text, whichever come after them")
  func details() async throws {
    let all = try await ask(try server(Self.lines), "series", "match=user_total&limit=30").json
    let texts = all["series"].elements.map { $0["text"].text != nil }
    #expect(texts == Array(repeating: true, count: 20) + Array(repeating: false, count: 10))
    #expect(all["shown"].integer == 30 && all["total"].integer == 200)
    let users = all["series"].elements.map { $0["labels"]["user"].text ?? "" }
    #expect(Set(users).count == 30)
  }

  @Test("the label of a name that takes much of a limit is counted once a minute")
  func adviser() async throws {
    let server = try server(Self.lines)
    let now = Locked(ContinuousClock.now)
    let adviser = LabelAdviser(server.questions { now.withLock { $0 } })
    let name = Array("user_total".utf8)
    #expect(adviser.advice(on: name) == nil)
    await adviser.work()
    #expect(adviser.advice(on: name)?.label == "user")
    #expect(
      adviser.advice(on: name)?.sentence
        == "Without the label user, 3 series would be left of 200.")
    var messages = Messages()
    for number in 0..<1_000 { messages.append(Array("user_total:1|c|#b:\(number)".utf8)) }
    var pipeline = server.pipeline()
    pipeline.ingest(messages)
    await adviser.work()
    #expect(adviser.advice(on: name)?.label == "user")
    now.withLock { $0 += .seconds(60) }
    #expect(adviser.advice(on: name)?.label == "user")
    await adviser.work()
    #expect(adviser.advice(on: name)?.label == "b")
    // A name that is gone has no advice, and is not counted again and again.
    #expect(adviser.advice(on: Array("gone".utf8)) == nil)
    await adviser.work()
    #expect(adviser.advice(on: Array("gone".utf8)) == nil)
  }

  @Test("Prometheus' own form counts the same")
  func tsdb() async throws {
    let answer = try await ask(try server(Self.lines), "status/tsdb", "limit=2").json
    #expect(answer["status"].text == "success")
    #expect(answer["data"]["headStats"]["numSeries"].integer == 203)
    let names = answer["data"]["seriesCountByMetricName"].elements
    #expect(names.map { $0["name"].text } == ["user_total", "b_total"])
    #expect(names.first?["value"].integer == 200)
  }

  @Test(
    "mistakes are told in one sentence",
    arguments: [
      ("names", "sort=x", 400), ("names", "limit=0", 400), ("names", "x=1", 400),
      ("names/none/labels", "", 404),
      ("names/a", "", 404), ("names/%zz/labels", "", 400), ("series", "match=x%7B", 400),
      ("series", "", 400),
      ("status/tsdb", "limit=1001", 400),
    ])
  func mistakes(path: String, query: String, status: Int) async throws {
    let answer = try await ask(try server(Self.lines), path, query)
    #expect(answer.status == status, "\(answer.json)")
    let sentence = try #require(answer.json["error"].text)
    #expect(sentence.count > 15 && !sentence.contains("\n"))
  }

  @Test("hostile names and labels come back as they are")
  func hostile() async throws {
    let server = try server([#"<img src=x>:1|c|#la"bel:va\l"#], flags: ["--statsd.names=utf-8"])
    let answer = try await ask(server, "names").json
    let name = try #require(answer["names"].elements.first?["name"].text)
    #expect(name == "<img src=x>")
    let labels = try await ask(server, "names/%3Cimg%20src%3Dx%3E/labels").json
    #expect(labels["labels"].elements.first?["top"].elements.first?["value"].text == #"va\l"#)
  }

  @Test("one question at a time is answered; the next waits, and gives up in the end")
  func gate() async {
    let gate = HeavyGate(sleep: { try? await Task.sleep(for: .milliseconds(50)) })
    #expect(await gate.enter())
    #expect(await !gate.enter())
    gate.leave()
    #expect(await gate.enter())
    async let second = HeavyGate(sleep: {}).enter()
    #expect(await second)
    gate.leave()
    #expect(gate.waiting == 0)
  }

  @Test("a waiting question is let in when the one before leaves")
  func turn() async {
    let gate = HeavyGate(sleep: { try? await Task.sleep(for: .seconds(600)) })
    #expect(await gate.enter())
    let next = Task { await gate.enter() }
    while gate.waiting == 0 { await Task.yield() }
    gate.leave()
    #expect(await next.value)
    let cancelled = Task { await gate.enter() }
    while gate.waiting == 0 { await Task.yield() }
    cancelled.cancel()
    #expect(await !cancelled.value)
    gate.leave()
  }

  @Test("a kept answer is given again until it is too old, and the oldest makes room")
  func cache() {
    let cache = AnswerCache()
    let start = ContinuousClock.now
    for number in 0..<20 {
      var json = JSONWriter()
      json.value(number)
      cache.keep(json, of: "\(number)", made: start + .seconds(number), for: .seconds(100))
    }
    #expect(cache.answer(to: "0", at: start + .seconds(20)) == nil)
    #expect(cache.answer(to: "19", at: start + .seconds(20))?.json.bytes == Array("19".utf8))
    #expect(cache.answer(to: "19", at: start + .seconds(120)) == nil)
  }
}

import Synchronization
import Testing
import WeirJSON

@testable import WeirDaemon

/// What heavy questions do where there is more than they answer: turns, deadlines, bytes and rows.
@Suite("Bounds of heavy questions")
struct HeavyBoundsTests {
  /// Questions whose clock moves by some time at each look.
  private func questions(_ server: TestServer, step: Duration) -> HeavyQuestions {
    let now = Mutex(ContinuousClock.now)
    return HeavyQuestions(
      shown: ShownSeries(server.aggregator, server.owners), scraper: server.questions.scraper,
      now: {
        now.withLock {
          $0 += step
          return $0
        }
      })
  }

  // MARK: Deadline and series

  @Test("what is not read by the deadline is left out, and the answer says so")
  func deadline() async throws {
    let lines = (0..<2_000).map { "user_total:1|c|#user:u\($0)" } + ["a_total:1|c|#k:v"]
    let server = try HeavyAsking.server(lines)
    let late = questions(server, step: .seconds(1))
    let names = try await HeavyAsking.ask(late, "names")
    #expect(names["complete"].flag == false)
    #expect(names["names"].elements.map { $0["series"].integer } == [2_000, 1])
    #expect(names["names"].elements.allSatisfy { $0["labels"] == .null })
    #expect(try await HeavyAsking.ask(late, "series", "match=user_total")["complete"].flag == false)
    let labels = try await HeavyAsking.ask(late, "names/user_total/labels")
    #expect(labels["complete"].flag == false)
    #expect((labels["scanned"].integer ?? 2_000) < 2_000 && labels["series"].integer == 2_000)
    let warnings = try await HeavyAsking.ask(late, "status/tsdb")["warnings"].elements
    #expect(warnings.count == 1 && warnings[0].text?.contains("2,001 series") == true)
    // The same with a clock that stands still.
    let inTime = server.questions
    for (path, query) in [
      ("names", nil), ("series", "match=user_total&limit=5"), ("names/user_total/labels", nil),
    ] as [(String, String?)] {
      #expect(try await HeavyAsking.ask(inTime, path, query)["complete"].flag == true, "\(path)")
    }
    #expect(try await HeavyAsking.ask(inTime, "status/tsdb")["warnings"].elements == [])
  }

  @Test(
    "a reader reads so many series and no more", arguments: [1, 255, 256, 257, 600, 1_000, 1_001])
  func series(most: Int) async throws {
    let server = try HeavyAsking.server((0..<1_000).map { "user_total:1|c|#user:u\($0)" })
    let source = await server.questions.scraper.heavySource()
    var reader = HeavyReader(server.aggregator, seriesMax: most, isLate: { false })
    var read = Set<[UInt8]>()
    for family in HeavyFamily.all(source.catalog, source.groups) {
      await reader.readSpellings(family) { span in
        read.insert(span.indices.map { span[$0] })
      }
    }
    #expect(read.count == min(most, 1_000))
    #expect(reader.isComplete == (most >= 1_000))
    #expect(reader.left == max(0, most - 1_000))
  }

  @Test("a reader whose client has gone reads no more")
  func cancelled() async throws {
    let server = try HeavyAsking.server((0..<1_000).map { "user_total:1|c|#user:u\($0)" })
    let source = await server.questions.scraper.heavySource()
    let aggregator = server.aggregator
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      var reader = HeavyReader(aggregator, seriesMax: .max, isLate: { false })
      var read = 0
      for family in HeavyFamily.all(source.catalog, source.groups) {
        await reader.readSpellings(family) { _ in read += 1 }
      }
      return (read, reader.isComplete)
    }
    task.cancel()
    let (read, isComplete) = await task.value
    #expect(read == 0 && !isComplete)
  }

  // MARK: Rows and bytes

  @Test("of 20,000 series a thousand are shown at most, twenty of them with their text")
  func rows() async throws {
    let server = try HeavyAsking.server((0..<20_000).map { "user_total:1|c|#user:u\($0)" })
    let questions = server.questions
    let answer = try await HeavyAsking.ask(questions, "series", "match=user_total&limit=1000")
    #expect(answer["shown"].integer == 1_000 && answer["series"].elements.count == 1_000)
    #expect(answer["total"].integer == 20_000 && answer["complete"].flag == true)
    let texts = answer["series"].elements.map { $0["text"].text }
    #expect(texts.prefix(20).allSatisfy { $0?.hasPrefix("user_total{user=\"u") == true })
    #expect(texts.dropFirst(20).allSatisfy { $0 == nil })
    let users = answer["series"].elements.compactMap { $0["labels"]["user"].text }
    #expect(Set(users).count == 1_000)
    let labels = try await HeavyAsking.ask(questions, "names/user_total/labels", "limit=1000")
    #expect(labels["scanned"].integer == 20_000 && labels["complete"].flag == true)
    let user = try #require(labels["labels"].elements.first)
    #expect(user["top"].elements.count == 1_000 && user["exact"].flag == false)
    #expect((18_000...20_000).contains(user["values"].integer ?? 0))
    #expect(user["series_without"].integer == 1)
    #expect(labels["advice"].text == "Without the label user, 1 series would be left of 20,000.")
  }

  @Test("an answer has at most a megabyte, and says that something is left out")
  func bytes() async throws {
    let long = String(repeating: "x", count: 1_000)
    let values = try HeavyAsking.server(
      (0..<1_500).map { "user_total:1|c|#user:\(long)\($0),k:\(long)" })
    let series = try await HeavyAsking.ask(
      values.questions, "series", "match=user_total&limit=1000")
    #expect(series["complete"].flag == false && series["total"].integer == 1_500)
    let shown = try #require(series["shown"].integer)
    #expect(shown == series["series"].elements.count && (300..<1_000).contains(shown))
    let some = try HeavyAsking.server(
      (0..<120).map { "user_total:1|c|#user:\(long)\($0),k:\(long)" })
    let labels = try await HeavyAsking.ask(some.questions, "names/user_total/labels", "limit=1000")
    #expect(labels["complete"].flag == false)
    // Values of one label do not take the place of those of another.
    let rows = labels["labels"].elements
    #expect(rows.first?["name"].text == "user" && rows.first?["top"].elements.isEmpty == false)
    #expect(rows.map { $0["name"].text } == ["user", "k"])
    let names = try HeavyAsking.server((0..<1_100).map { "n\($0)_\(long):1|c" })
    let all = try await HeavyAsking.ask(names.questions, "names", "limit=1000")
    #expect(all["complete"].flag == false && all["total"].integer == 1_100)
    #expect(all["shown"].integer == all["names"].elements.count)
    #expect((600..<1_000).contains(all["shown"].integer ?? 0))
    #expect(
      try await HeavyAsking.ask(names.questions, "status/tsdb", "limit=1000")["warnings"].elements
        != [])
    // Fewer have room.
    let few = try await HeavyAsking.ask(names.questions, "names", "limit=10")
    #expect(few["complete"].flag == true && few["shown"].integer == 10)
  }

  // MARK: Names

  @Test(
    "names are found however hostile they are",
    arguments: [
      "a/b", "a/labels", "50%", "a b", "a?b=c&d", "\"quoted\"", #"back\slash"#, "ünïcödé",
      "\u{202e}evil", "<script>alert(1)</script>", "..", "a%2Fb", "+", "{}", "a{b=\"c\"}",
    ])
  func hostile(name: String) async throws {
    let server = try HeavyAsking.server(
      ["\(name):1|c|#\(name):\(name)"], flags: ["--statsd.names=utf-8"])
    let questions = server.questions
    let names = try await HeavyAsking.ask(questions, "names")["names"].elements
    #expect(names.map { $0["name"].text } == [name])
    #expect(names.first?["labels"].elements.map { $0["name"].text } == [name])
    let encoded = name.utf8.map { byte in
      let hex = String(byte, radix: 16, uppercase: byte.isMultiple(of: 2))
      return "%" + (hex.utf8.count == 1 ? "0" : "") + hex
    }.joined()
    let labels = try await HeavyAsking.ask(questions, "names/\(encoded)/labels")
    #expect(labels["name"].text == name)
    let label = try #require(labels["labels"].elements.first)
    #expect(label["name"].text == name)
    #expect(label["top"].elements.map { $0["value"].text } == [name])
  }
}

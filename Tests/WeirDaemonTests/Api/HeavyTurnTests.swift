import Synchronization
import Testing
import WeirBytes
import WeirHTTP
import WeirJSON

@testable import WeirDaemon

/// One heavy question at a time, and answers that are kept.
@Suite("Turns of heavy questions")
struct HeavyTurnTests {
  @Test(
    "a question that waits in vain gets 503 and is told when to ask again",
    arguments: ["names", "names/a_total/labels", "series?match=a_total", "status/tsdb"])
  func busy(path: String) async throws {
    let server = try HeavyAsking.server(["a_total:1|c"])
    let gate = HeavyGate(sleep: {})
    let now = ContinuousClock.now
    let questions = HeavyQuestions(
      shown: ShownSeries(server.aggregator, server.owners), scraper: server.questions.scraper,
      gate: gate, now: { now })
    let parts = path.split(separator: "?").map(String.init)
    let query = parts.count > 1 ? parts[1] : nil
    #expect(await gate.enter())
    let refused = await HeavyAsking.respond(questions, parts[0], query)
    #expect(refused.status == 503 && refused.headers["Retry-After"] == "1")
    let sentence = try #require(JSONValue(try HeavyAsking.bytes(refused)))["error"].text
    #expect(sentence == "another heavy question is being answered; ask again in a second")
    gate.leave()
    #expect(await HeavyAsking.respond(questions, parts[0], query).status == 200)
    #expect(gate.waiting == 0)
    // Nobody has kept the turn.
    #expect(await gate.enter())
    gate.leave()
  }

  /// Questions about one series, whose answers no slow machine cuts.
  private func questions(_ gate: HeavyGate) throws -> HeavyQuestions {
    let server = try HeavyAsking.server(["a_total:1|c"])
    let now = ContinuousClock.now
    return HeavyQuestions(
      shown: ShownSeries(server.aggregator, server.owners), scraper: server.questions.scraper,
      gate: gate, now: { now })
  }

  @Test("a question that waits is answered when the one before is, and mistakes do not wait")
  func waits() async throws {
    let gate = HeavyGate(sleep: { try? await Task.sleep(for: .seconds(600)) })
    let questions = try questions(gate)
    #expect(await gate.enter())
    #expect(await HeavyAsking.respond(questions, "series", "limit=0").status == 400)
    let second = Task { await HeavyAsking.respond(questions, "names").status }
    while gate.waiting == 0 { await Task.yield() }
    gate.leave()
    #expect(await second.value == 200)
    // A name that there is not gives its turn back, too.
    #expect(await HeavyAsking.respond(questions, "names/none/labels").status == 404)
    #expect(await gate.enter())
    gate.leave()
  }

  @Test("all who wait are let in, one after another")
  func everyone() async {
    let gate = HeavyGate(sleep: { try? await Task.sleep(for: .seconds(600)) })
    #expect(await gate.enter())
    var tasks: [Task<Bool, Never>] = []
    for number in 0..<5 {
      tasks.append(
        Task {
          let isIn = await gate.enter()
          if isIn { gate.leave() }
          return isIn
        })
      while gate.waiting <= number { await Task.yield() }
    }
    gate.leave()
    for task in tasks { #expect(await task.value) }
    #expect(gate.waiting == 0)
  }

  @Test("the question that has waited longest is answered next")
  func order() async {
    // Who has come to the gate may not wait yet when it opens; so one round of some must be in order.
    for _ in 0..<20 {
      let gate = HeavyGate(sleep: { try? await Task.sleep(for: .seconds(600)) })
      let entered = Locked<[Int]>([])
      #expect(await gate.enter())
      let enter: @Sendable (Int) async -> Void = { number in
        guard await gate.enter() else { return }
        entered.withLock { $0.append(number) }
        gate.leave()
      }
      var tasks: [Task<Void, Never>] = []
      for number in 0..<3 {
        tasks.append(Task { await enter(number) })
        while gate.waiting <= number { await Task.yield() }
      }
      for _ in 0..<100 { await Task.yield() }
      gate.leave()
      for task in tasks { await task.value }
      if entered.withLock({ $0 }) == [0, 1, 2] { return }
    }
    Issue.record("no round was in order")
  }

  @Test("work is late after two seconds")
  func deadline() throws {
    let server = try HeavyAsking.server(["a_total:1|c"])
    let now = Locked(ContinuousClock.now)
    let isLate = HeavyWork(server.questions { now.withLock { $0 } }).isLate
    now.withLock { $0 += .milliseconds(1_999) }
    #expect(!isLate())
    now.withLock { $0 += .milliseconds(1) }
    #expect(isLate())
  }

  /// Answers `q` after some work, unless its answer is kept.
  private func answer(
    _ questions: HeavyQuestions, _ work: @escaping @Sendable () async -> Void
  ) async throws -> Int {
    try await questions.answer("q", life: .seconds(2)) { _ in
      await work()
      var json = JSONWriter()
      json.beginObject()
      return json
    }.status
  }

  @Test("who asks the same while it is worked on gets that answer", .timeLimit(.minutes(5)))
  func same() async throws {
    let gate = HeavyGate(sleep: { try? await Task.sleep(for: .seconds(600)) })
    let questions = try questions(gate)
    let count = Locked(0)
    let work: @Sendable () async -> Void = {
      let number = count.withLock {
        $0 += 1
        return $0
      }
      while number == 1, gate.waiting == 0 { await Task.yield() }
    }
    async let first = answer(questions, work)
    async let second = answer(questions, work)
    #expect(try await [first, second] == [200, 200])
    #expect(count.withLock { $0 } == 1)
  }

  @Test("the answer to a reader who has gone is not kept", .timeLimit(.minutes(5)))
  func gone() async throws {
    let questions = try HeavyAsking.server(["a_total:1|c"]).questions
    let count = Locked(0)
    let work: @Sendable () async -> Void = {
      let number = count.withLock {
        $0 += 1
        return $0
      }
      while number == 1, !Task.isCancelled { await Task.yield() }
    }
    let first = Task { try await answer(questions, work) }
    first.cancel()
    _ = try await first.value
    for _ in 0..<2 { #expect(try await answer(questions, work) == 200) }
    #expect(count.withLock { $0 } == 2)
  }

  @Test("a question that was cancelled on its way to wait does not wait", .timeLimit(.minutes(5)))
  func cancelledBefore() async {
    let gate = HeavyGate(sleep: { try? await Task.sleep(for: .seconds(600)) })
    #expect(await gate.enter())
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return await gate.enter()
    }
    task.cancel()
    #expect(await !task.value)
    #expect(gate.waiting == 0)
    gate.leave()
    #expect(await gate.enter())
  }

  @Test("a kept answer takes no turn, and is as old as it says")
  func kept() async throws {
    let server = try HeavyAsking.server(["a_total:1|c"])
    let start = ContinuousClock.now
    let passed = Mutex(Duration.zero)
    let gate = HeavyGate(sleep: {})
    let questions = HeavyQuestions(
      shown: ShownSeries(server.aggregator, server.owners), scraper: server.questions.scraper,
      gate: gate,
      now: { start + passed.withLock { $0 } })
    #expect(try await HeavyAsking.ask(questions, "names")["age_seconds"].integer == 0)
    #expect(
      try await HeavyAsking.ask(questions, "names/a_total/labels")["age_seconds"].integer == 0)
    passed.withLock { $0 = .milliseconds(1_900) }
    #expect(await gate.enter())
    #expect(try await HeavyAsking.ask(questions, "names")["age_seconds"].integer == 1)
    // Another limit is another question.
    #expect(await HeavyAsking.respond(questions, "names", "limit=7").status == 503)
    passed.withLock { $0 = .seconds(2) }
    #expect(await HeavyAsking.respond(questions, "names").status == 503)
    passed.withLock { $0 = .milliseconds(4_900) }
    #expect(
      try await HeavyAsking.ask(questions, "names/a_total/labels")["age_seconds"].integer == 4)
    passed.withLock { $0 = .seconds(5) }
    #expect(await HeavyAsking.respond(questions, "names/a_total/labels").status == 503)
    gate.leave()
  }

  @Test("current values are current")
  func current() async throws {
    let server = try HeavyAsking.server(["a_total:1|c"])
    let questions = server.questions
    #expect(
      try await HeavyAsking.ask(questions, "series", "match=a_total")["series"].elements[0]["value"]
        .number == 1
    )
    var pipeline = server.pipeline()
    var messages = Messages()
    messages.append(Array("a_total:4|c".utf8))
    pipeline.ingest(messages)
    #expect(
      try await HeavyAsking.ask(questions, "series", "match=a_total")["series"].elements[0]["value"]
        .number == 5
    )
  }

  @Test("kept answers are bounded by their bytes, too")
  func cacheBytes() {
    let cache = AnswerCache()
    let start = ContinuousClock.now
    var json = JSONWriter()
    json.value(String(repeating: "x", count: 1_000_000))
    for number in 0..<6 {
      cache.keep(json, of: "\(number)", made: start + .seconds(number), for: .seconds(100))
    }
    let now = start + .seconds(10)
    let known = (0..<6).filter { cache.answer(to: "\($0)", at: now) != nil }
    #expect(known == [2, 3, 4, 5])
  }

  @Test("an answer that took long is kept for fifty times as long, and for half a minute at most")
  func keptLonger() async throws {
    for (took, kept) in [(0.2, 10), (5.0, 30)] {
      let server = try HeavyAsking.server(["a_total:1|c"])
      let start = ContinuousClock.now
      let passed = Mutex(0.0)
      let questions = HeavyQuestions(
        shown: ShownSeries(server.aggregator, server.owners), scraper: server.questions.scraper,
        now: { start + .seconds(passed.withLock { $0 }) })
      func ask() async throws -> Int? {
        let response = try await questions.answer("q", life: .seconds(2), showsAge: true) { _ in
          passed.withLock { $0 += took }
          var json = JSONWriter()
          json.beginObject()
          return json
        }
        return try #require(JSONValue(HeavyAsking.bytes(response)))["age_seconds"].integer
      }
      #expect(try await ask() == 0)
      passed.withLock { $0 += Double(kept) - 0.5 }
      #expect(try await ask() == kept - 1)
      passed.withLock { $0 += 1 }
      #expect(try await ask() == 0)
    }
  }
}

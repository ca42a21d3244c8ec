import Dispatch
import Synchronization
import TestSupport
import Testing
import WeirBytes
import WeirMetrics
import WeirPush

@testable import WeirAggregation

@Suite("Forgetting series")
struct ForgetTests {
  private let server = PushServer()

  @discardableResult
  private func forget(_ selectors: String..., isDry: Bool = false) throws -> ForgottenSeries {
    try server.owners.forget(selectors.map { try SeriesSelector($0) }, isDry: isDry)
  }

  private func frame(
    _ sequence: UInt64, of instance: UInt64 = 1, _ records: PushedRecord...
  ) -> Pushed {
    Pushed(instance: instance, sequence: sequence, records: records)
  }

  private func used(_ aggregator: Aggregator) -> [LimitName: Int] {
    let reading = aggregator.limitReading()
    return Dictionary(reading.used.map { ($0.limit, $0.count) }) { first, _ in first }
  }

  @Test(
    "removes every kind of text series, and frees all that they used; a dry run changes nothing")
  func text() throws {
    let lines = ["c:3|c|#a:1", "c:3|c|#a:2", "g:4|g", "h:5|h", "s:x|s"]
    var ingest = Ingest(server.aggregator)
    ingest.apply("kept:1|c")
    let before = used(server.aggregator)
    let classes = server.aggregator.limitReading().classes
    for _ in 0..<3 {
      ingest.apply(lines)
      let full = server.contents
      let dry = try forget("c", "g", "h", "s", isDry: true)
      #expect(dry.count == 5)
      #expect(server.contents == full)
      let gone = try forget("c", "g", "h", "s")
      #expect(gone.count == 5)
      #expect(gone.count(.counter) == 2)
      #expect(gone.names.map(\.count) == [2, 1, 1, 1])
      #expect(gone.names.first.map { String(decoding: $0.name, as: UTF8.self) } == "c")
      #expect(server.contents.values == [.counter: ["kept": 1]])
      #expect(server.contents.histograms.isEmpty)
      #expect(used(server.aggregator) == before)
      #expect(server.aggregator.limitReading().classes == classes)
      #expect(try forget("c").count == 0)
    }
    // Names are free for other types, and values begin anew.
    ingest.apply("c:7|g", "h:2|c")
    #expect(server.contents.values[.gauge] == ["c": 7])
    #expect(server.contents.values[.counter] == ["kept": 1, "h": 2])
    #expect(server.aggregator.counts().forgotten(.counter) == 6)
    #expect(server.aggregator.counts().expired(.counter) == 0)
  }

  @Test("a repeated total brings nothing back, and a gain makes a series with the gain only")
  func totals() throws {
    var ingest = PushIngest(server.owners)
    func records(_ n: Double) -> [PushedRecord] {
      [
        PushedRecord("c_total", .counter(10 * n)),
        PushedRecord("h", .histogram(bounds: [1, 2], sum: n, buckets: [0: n, 2: n])),
        PushedRecord("e", .exponential(schema: 0, sum: n, zero: 0, positive: [1: 2 * n])),
      ]
    }
    func send(_ sequence: UInt64, _ n: Double) throws {
      try ingest.apply(Pushed(sequence: sequence, records: records(n)))
    }
    try send(1, 5)
    #expect(server.counter() == 50)
    let taken = server.owners.totals().totals
    #expect(try forget("c_total", "h", "e").count == 3)
    #expect(server.contents == Contents())
    try send(2, 5)
    try send(3, 4)
    #expect(server.contents == Contents())
    try send(4, 7)
    #expect(server.counter() == 20)
    #expect(server.contents.histograms["h"]?.sum == 2)
    #expect(server.contents.histograms["h"]?.buckets == [2, 0, 2])
    #expect(server.contents.histograms["e"]?.sum == 2)
    #expect(server.contents.histograms["e"]?.buckets.reduce(0, +) == 4)
    // A second time, over the baseline of the first.
    try forget("c*", "h", "e")
    try send(5, 7)
    #expect(server.contents == Contents())
    try send(6, 8)
    #expect(server.counter() == 10)
    #expect(server.contents.histograms["h"]?.buckets == [1, 0, 1])
    #expect(server.owners.totals().totals >= taken)
    // The new series are held, and released when their owner ends.
    var last = Pushed(sequence: 7, records: records(9))
    last.isFinal = true
    try ingest.apply(last)
    #expect(server.counter() == 20)
    #expect(try forget("c_total", "h", "e").count == 3)
    server.pass(1...100_000 as ClosedRange<UInt32>, step: 10_000)
    #expect(server.owners.totals().instances == 0)
    #expect(server.owners.totals().totals == 0)
  }

  @Test("what was forgotten does not come back after the new series has expired")
  func expiry() throws {
    var rules = SeriesRules()
    rules.lifetimes[.counter] = 10
    let server = PushServer(Aggregator(rules: rules)) { $0.retireSeconds = 5 }
    var ingest = PushIngest(server.owners)
    try ingest.apply(frame(1, PushedRecord("c_total", .counter(100))))
    _ = try server.owners.forget([SeriesSelector("c_total")])
    try ingest.apply(frame(2, PushedRecord("c_total", .counter(101))))
    #expect(server.counter() == 1)
    server.pass(1...60)
    #expect(server.counter() == nil)
    try ingest.apply(frame(3, PushedRecord("c_total", .counter(103))))
    #expect(server.counter() == 3)
  }

  @Test("gauges of several owners go, and each comes back when its owner repeats it")
  func gauges() throws {
    var ingest = PushIngest(server.owners)
    for instance in 1...3 as ClosedRange<UInt64> {
      try ingest.apply(frame(1, of: instance, PushedRecord("g", .gauge(Double(instance), .sum))))
    }
    #expect(server.gauge() == 6)
    #expect(try forget("g").count == 1)
    #expect(server.gauge() == nil)
    try ingest.apply(frame(2, of: 3, PushedRecord("g", .gauge(.nan, .sum))))
    #expect(server.gauge() == nil)
    try ingest.apply(frame(2, of: 1, PushedRecord("g", .gauge(1, .sum))))
    #expect(server.gauge() == 1)
    try ingest.apply(frame(2, of: 2, PushedRecord("g", .gauge(2, .sum))))
    #expect(server.gauge() == 3)
    // An owner has ended, and its value is still to be removed when the gauge is forgotten.
    var last = frame(3, of: 1)
    last.isFinal = true
    try ingest.apply(last)
    #expect(try forget("g").count == 1)
    var text = Ingest(server.aggregator)
    text.apply("x:1|c", "g:9|g")
    #expect(server.gauge() == 9)
    try ingest.apply(frame(3, of: 2, PushedRecord("g", .gauge(5, .sum))))
    #expect(server.gauge() == 5)
    var end = frame(4, of: 2)
    end.isFinal = true
    try ingest.apply(end)
    #expect(server.gauge() == nil)
  }

  @Test("while text, frames and scrapes go on, no total comes back", arguments: 0..<3)
  func concurrency(seed: UInt64) throws {
    let (server, pushers, frames) = (self.server, 2, 150)
    let selector = try SeriesSelector("{n!=\"\",own!=\"x\"}")
    let failures = Locked(0)
    let removed = Locked(0)
    DispatchQueue.concurrentPerform(iterations: pushers + 3) { thread in
      var generator = SeededGenerator(seed: seed * 16 + UInt64(thread))
      if thread < pushers {
        var ingest = PushIngest(server.owners)
        for number in 1...frames {
          let label = "\(Int.random(in: 0..<8, using: &generator))"
          let total = Double(number)
          var frame = Pushed(instance: UInt64(thread + 1), sequence: UInt64(number))
          frame.records = [
            PushedRecord("c_total", [("n", label)], .counter(total)),
            PushedRecord("kept_total", [("own", "x")], .counter(total)),
            PushedRecord("g", [("n", label)], .gauge(total, .sum)),
            PushedRecord(
              "h", [("n", label)], .histogram(bounds: [1], sum: total, buckets: [0: total])),
          ]
          frame.isFinal = number == frames
          do { try ingest.apply(frame) } catch { failures.withLock { $0 += 1 } }
        }
      } else if thread == pushers {
        var ingest = Ingest(server.aggregator)
        for number in 1...frames { ingest.apply("c_total:1|c|#n:\(number % 8)", "t:1|g|#n:1") }
      } else if thread == pushers + 1 {
        var catalog = Catalog()
        for second in 1...40 as ClosedRange<UInt32> {
          server.owners.mergeGauges()
          catalog.update(from: server.aggregator)
          _ = Contents(server.aggregator, catalog)
          server.pass(second...second)
        }
      } else {
        for _ in 0..<40 {
          let count = server.owners.forget([selector]).count
          removed.withLock { $0 += count }
        }
      }
    }
    #expect(failures.withLock { $0 } == 0)
    _ = server.owners.forget([selector])
    server.owners.mergeGauges()
    #expect(
      server.contents.values == [
        .counter: ["kept_total{own=\"x\"}": Double(pushers * frames)]
      ])
    #expect(server.contents.histograms.isEmpty)
    #expect(used(server.aggregator)[.series] == 1)
  }
}

extension PushServer {
  fileprivate func pass(_ seconds: ClosedRange<UInt32>, step: UInt32) {
    for second in stride(from: seconds.lowerBound, through: seconds.upperBound, by: Int(step)) {
      pass(second...second)
    }
    for second in seconds.upperBound + 1...seconds.upperBound + 8 { pass(second...second) }
  }
}

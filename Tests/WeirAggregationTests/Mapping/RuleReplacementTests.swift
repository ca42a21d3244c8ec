import Foundation
import TestSupport
import Testing
import WeirBytes
import WeirMetrics

@testable import WeirAggregation

@Suite("Rules that are replaced while samples arrive")
struct RuleReplacementTests {
  @Test func `apply from the next batch on, to names that are remembered too`() {
    let first = NamedRules(["a": .renamed("one", .counter), "b": .dropped])
    let second = NamedRules([
      "a": .renamed("two", .counter, [("k", "v")]) { $0.scale = 10 }, "c": .dropped,
    ])
    let aggregator = Aggregator(identityRules: first)
    var ingest = Ingest(aggregator)
    let lines = ["a:1|c", "b:1|c", "c:1|c", "d:1|c|#bare"]
    for _ in 0..<2 { ingest.apply(lines) }
    aggregator.use(second)
    for _ in 0..<2 { ingest.apply(lines) }
    #expect(first.asked == 4 && second.asked == 4)
    #expect(
      Contents(aggregator).values == [
        .counter: ["one": 2, #"two{k="v"}"#: 20, "b": 2, "c": 2, "d": 4]
      ])
    #expect(ingest.totals.dropped == 4 && ingest.totals.mapped == 4)
    #expect(ingest.totals.tagsDropped == 4)
    aggregator.use(NoIdentityRules())
    ingest.apply(lines)
    #expect(Contents(aggregator).values[.counter]?["a"] == 1)
    #expect(Contents(aggregator).values[.counter]?["two{k=\"v\"}"] == 20)
  }

  @Test func `apply to each receiver, whenever its next batch comes`() {
    let aggregator = Aggregator()
    var quiet = Ingest(aggregator)
    var busy = Ingest(aggregator)
    quiet.apply("a:1|c")
    busy.apply("a:1|c")
    aggregator.use(NamedRules(["a": .renamed("b", .counter)]))
    busy.apply("a:1|c")
    aggregator.use(NamedRules(["a": .renamed("c", .counter)]))
    quiet.apply("a:1|c")
    var late = Ingest(aggregator)
    late.apply("a:1|c")
    #expect(Contents(aggregator).values == [.counter: ["a": 2, "b": 1, "c": 2]])
  }

  @Test func `free an identity that the old ones refused`() {
    let aggregator = Aggregator(
      identityRules: NamedRules(["a": .renamed("x", .gauge), "b": .renamed("", .counter)]))
    var ingest = Ingest(aggregator)
    ingest.apply("x:1|c", "a:1|g", "b:1|c")
    #expect(ingest.totals.refused == [.typeClash: 1, .emptyName: 1])
    aggregator.use(NamedRules(["a": .renamed("y", .gauge)]))
    ingest.apply("x:1|c", "a:1|g", "b:1|c")
    #expect(ingest.totals.refused == [.typeClash: 1, .emptyName: 1])
    #expect(Contents(aggregator).values == [.counter: ["x": 2, "b": 1], .gauge: ["y": 1]])
  }

  @Test func `do not change series that there are`() {
    func rules(_ change: @escaping @Sendable (inout ClassSettings) -> Void) -> NamedRules {
      var settings = ClassSettings()
      change(&settings)
      let asked = AskedClass.settings(settings)
      return NamedRules { name, kind in
        .renamed("n", kind, [("of", name)]) { $0.asked = asked }
      }
    }
    let aggregator = Aggregator(
      identityRules: rules {
        $0.bounds = HistogramBounds(upper: [1])
        $0.lifetimeSeconds = 10
      })
    var ingest = Ingest(aggregator)
    ingest.apply("a:1:2|h")
    aggregator.use(
      rules {
        $0.observing = .summary
        $0.lifetimeSeconds = 100
      })
    ingest.apply("a:1|h", "b:5|h")
    // The name keeps its class.
    #expect(
      Contents(aggregator).histograms == [
        #"n{of="a"}"#: .init(sum: 4, buckets: [2, 1]),
        #"n{of="b"}"#: .init(sum: 5, buckets: [0, 1]),
      ])
    for second in 1...30 as ClosedRange<UInt32> { aggregator.expire(atSecond: second) }
    #expect(Contents(aggregator).histograms == [:])
    // With its last series, the class is gone.
    ingest.apply("a:7|h")
    #expect(Contents(aggregator).histograms == [#"n{of="a"}"#: .init(sum: 7, buckets: [1])])
    for second in 31...60 as ClosedRange<UInt32> { aggregator.expire(atSecond: second) }
    #expect(Contents(aggregator).histograms.count == 1)
  }
}

@Suite("Rules that are replaced by another thread")
struct RuleReplacementConcurrencyTests {
  @Test func `lose no sample, and count none twice`() {
    let (receivers, batches, lines) = (3, 300, 20)
    let sets: [any IdentityRules] = [
      NoIdentityRules(),
      NamedRules { name, _ in .renamed("one", .counter, [("of", name)]) },
      NamedRules { name, _ in .renamed("two", .counter) { $0.scale = 4 } },
      NamedRules { name, _ in .renamed("level", .gauge) },
      NamedRules { name, _ in name.hasSuffix("0") ? .dropped : .asSent(.nothing) },
    ]
    let aggregator = Aggregator(shards: 4)
    let done = Locked(0)
    let totals = Locked(Ingest.Totals())
    DispatchQueue.concurrentPerform(iterations: receivers + 1) { index in
      if index == receivers {
        var number = 0
        while done.withLock({ $0 }) < receivers {
          number += 1
          aggregator.use(sets[number % sets.count])
        }
        return
      }
      var ingest = Ingest(aggregator)
      for _ in 0..<batches { ingest.apply((0..<lines).map { "m.\($0):1|c" }) }
      totals.withLock {
        $0.dropped += ingest.totals.dropped
        $0.refused.merge(ingest.totals.refused, uniquingKeysWith: +)
      }
      done.withLock { $0 += 1 }
    }
    let contents = Contents(aggregator).values
    var sum = contents[.gauge]?["level"] ?? 0
    for (series, value) in contents[.counter] ?? [:] {
      sum += series == "two" ? value / 4 : value
    }
    let ended = totals.withLock { $0 }
    #expect(sum + Double(ended.dropped) == Double(receivers * batches * lines))
    #expect(ended.refused == [:])
  }
}

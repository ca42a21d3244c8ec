import Foundation
import Synchronization
import TestSupport
import Testing
import WeirBytes
import WeirMetrics

@testable import WeirAggregation

@Suite("Receivers and scrapes at the same time")
struct ConcurrencyTests {
  private static let receivers = 4
  private static let rounds = 200

  @Test("lose nothing, count nothing twice and show nothing incomplete", arguments: [1, 8])
  func totals(shards: Int) {
    let aggregator = Aggregator(shards: shards)
    let running = Running()
    for receiver in 0..<ConcurrencyTests.receivers {
      running.start {
        var ingest = Ingest(aggregator, memoEntries: 40)
        for round in 0..<ConcurrencyTests.rounds {
          // Some series are made by all at the same time, and some by only one receiver.
          ingest.apply(
            (0..<20).flatMap { line -> [String] in
              let route = "route:\(round % 10 * 20 + line)"
              return [
                "shared:1|c|#\(route)", "own:2|c|#receiver:\(receiver),\(route)",
                "seconds:0.001:0.75:1000|h|#\(route)", "level:+1|g", "who:\(receiver)|s|#\(route)",
              ]
            })
        }
        return [ingest.totals]
      }
    }
    var catalog = Catalog()
    var before: [String: Double] = [:]
    var scrapes = 0
    repeat {
      let isLast = running.isDone
      catalog.update(from: aggregator)
      let contents = Contents(aggregator, catalog)
      for (series, value) in contents.values[.counter] ?? [:] {
        if value < before[series, default: 0] { Issue.record("\(series) fell to \(value)") }
        before[series] = value
      }
      for (series, histogram) in contents.histograms {
        expectWhole(series, histogram, &before)
      }
      scrapes += 1
      if isLast { break }
    } while true
    #expect(scrapes > 1)
    for totals in running.wait() { #expect(totals.refused.isEmpty) }
    expectTotals(Contents(aggregator))
  }

  /// Every line brings one observation to each of three buckets.
  private func expectWhole(
    _ series: String, _ histogram: Contents.Histogram, _ before: inout [String: Double]
  ) {
    let filled = histogram.buckets.filter { $0 > 0 }
    let count = filled.first ?? 0
    if !(filled.isEmpty || filled.count == 3) || !filled.allSatisfy({ $0 == count })
      || (histogram.sum - count * 1000.751).magnitude > 1e-6 || count < before[series, default: 0]
    {
      Issue.record("\(series) shows \(histogram) after \(before[series, default: 0])")
    }
    before[series] = count
  }

  private func expectTotals(_ contents: Contents) {
    let each = Double(ConcurrencyTests.rounds / 10)
    let receivers = Double(ConcurrencyTests.receivers)
    for route in 0..<200 {
      #expect(contents.values[.counter]?["shared{route=\"\(route)\"}"] == each * receivers)
      #expect(contents.histograms["seconds{route=\"\(route)\"}"]?.buckets.first == each * receivers)
      #expect(contents.values[.set]?["who{route=\"\(route)\"}"] == receivers)
      for receiver in 0..<ConcurrencyTests.receivers {
        #expect(
          contents.values[.counter]?["own{receiver=\"\(receiver)\",route=\"\(route)\"}"] == each * 2
        )
      }
    }
    #expect(contents.values[.counter]?.count == 200 * (1 + ConcurrencyTests.receivers))
    #expect(contents.values[.gauge] == ["level": Double(ConcurrencyTests.rounds * 20) * receivers])
  }

  @Test("fill the last place together when all bring the same series")
  func lastPlace() {
    var limits = SeriesLimits()
    limits.seriesMax = 1
    let aggregators = (0..<2_000).map { _ in Aggregator(limits: limits, shards: 1) }
    let running = Running()
    let arrived = Atomic(0)
    for _ in 0..<2 {
      running.start {
        var totals: [Ingest.Totals] = []
        for (round, aggregator) in aggregators.enumerated() {
          var ingest = Ingest(aggregator, memoEntries: 4)
          // All start a round at the same time.
          arrived.add(1, ordering: .acquiringAndReleasing)
          while arrived.load(ordering: .acquiring) < 2 * (round + 1) { sched_yield() }
          ingest.apply("c:1|c")
          totals.append(ingest.totals)
        }
        return totals
      }
    }
    for totals in running.wait() { #expect(totals.refused.isEmpty) }
    for aggregator in aggregators where Contents(aggregator).values != [.counter: ["c": 2]] {
      Issue.record("\(Contents(aggregator).values)")
    }
    var ingest = Ingest(aggregators[0])
    ingest.apply("d:1|c")
    #expect(ingest.totals.refused == [.tooManySeries: 1])
  }

  @Test("fill the last place together and count every other sample")
  func lastPlaceAndOverflow() {
    var limits = SeriesLimits()
    limits.overflow = .series
    // One series and the overflow of each of two names.
    limits.seriesMax = 4
    let kinds = ["c", "h"]
    let aggregators = (0..<1_000).map { _ in Aggregator(limits: limits, shards: 2) }
    let running = Running()
    let arrived = Atomic(0)
    for thread in 0..<2 {
      running.start {
        var totals: [Ingest.Totals] = []
        for (round, aggregator) in aggregators.enumerated() {
          var ingest = Ingest(aggregator, memoEntries: 4)
          arrived.add(1, ordering: .acquiringAndReleasing)
          while arrived.load(ordering: .acquiring) < 2 * (round + 1) { sched_yield() }
          // The two bring the names in opposite order, one series of each that both have.
          for kind in thread == 0 ? kinds : kinds.reversed() {
            for key in ["k:both", "k:\(thread)"] { ingest.apply("\(kind):1|\(kind)|#\(key)") }
          }
          totals.append(ingest.totals)
        }
        return totals
      }
    }
    for totals in running.wait() { #expect(totals.refused.isEmpty) }
    for aggregator in aggregators {
      let contents = Contents(aggregator)
      let counters = contents.values[.counter] ?? [:]
      let counts = contents.histograms.mapValues { $0.buckets.reduce(0, +) }
      let overflowed = overflowCount(aggregator, .series)
      let beside =
        (counters[#"c{weir_overflow="true"}"#] ?? 0)
        + (counts[#"h{weir_overflow="true"}"#] ?? 0)
      if counters.values.reduce(0, +) != 4 || counts.values.reduce(0, +) != 4
        || counters.count + counts.count > 4 || beside != Double(overflowed)
      {
        Issue.record("\(counters), \(counts), \(overflowed) beyond")
      }
    }
  }
}

/// Threads, and what happened to their lines.
final class Running: Sendable {
  private let left = Atomic(0)
  private let group = DispatchGroup()
  private let totals = Locked<[Ingest.Totals]>([])

  func start(_ body: @escaping @Sendable () -> [Ingest.Totals]) {
    left.add(1, ordering: .relaxed)
    group.enter()
    Thread {
      let came = body()
      self.totals.withLock { $0 += came }
      self.left.subtract(1, ordering: .releasing)
      self.group.leave()
    }.start()
  }

  var isDone: Bool { left.load(ordering: .acquiring) == 0 }

  /// Waits for all threads, and returns their results.
  func wait() -> [Ingest.Totals] {
    group.wait()
    return totals.withLock { $0 }
  }
}

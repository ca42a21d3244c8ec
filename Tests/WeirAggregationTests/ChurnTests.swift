import Synchronization
import TestSupport
import Testing
import WeirBytes
import WeirMetrics

@testable import WeirAggregation

@Suite("Series that come and go")
struct ChurnTests {
  private static let seriesMax = 10_000

  /// The memory of the shards, whatever series they hold.
  private struct Held {
    var rows = 0
    var chunks = 0
    var slots = 0
    var blocks = 0

    init(_ aggregator: Aggregator) {
      for shard in aggregator.shards {
        shard.state.withLock { state in
          state.forEachTable { table in
            rows += table.series.rows.count
            chunks += table.series.rows.chunksHeld
            slots += table.series.index.capacity
            blocks += table.series.names.blocksHeld
          }
        }
      }
    }
  }

  @Test("keep memory flat and totals exact, two hundred thousand in ten thousand places")
  func churn() {
    var limits = SeriesLimits()
    limits.seriesMax = ChurnTests.seriesMax
    limits.seriesPerNameMax = ChurnTests.seriesMax
    var lifetimes = SeriesLifetimes()
    for kind in [MetricKind.gauge, .histogram, .set] { lifetimes[kind] = 8 }
    let aggregator = Aggregator(rules: .all(lifetimes: lifetimes), limits: limits)
    var generator = SeededGenerator(seed: 1)
    var first = Ingest(aggregator, memoEntries: 1 << 14)
    var second = Ingest(aggregator, memoEntries: 1 << 20)
    var catalog = Catalog()
    var lasting: [String: Double] = [:]
    var states: [String: Double] = [:]
    var made = 0
    for now in 1...400 as ClosedRange<UInt32> {
      var lines: [String] = []
      for _ in 0..<20 {
        let series = "lasting{user=\"\(Int.random(in: 0..<200, using: &generator))\"}"
        let name = series.replacing("{user=\"", with: ":1|c|#user:").replacing("\"}", with: "")
        lines.append(name)
        lasting[series, default: 0] += 1
      }
      // 500 a second that exist for 9 to 13 seconds: about half of the places.
      for _ in 0..<500 {
        let padding = String(repeating: "p", count: made % 60)
        switch made % 3 {
        case 0:
          lines.append("state_\(made % 50):\(made)|g|#request:\(made),padding:\(padding)x")
          states["state_\(made % 50){padding=\"\(padding)x\",request=\"\(made)\"}"] = Double(made)
        case 1: lines.append("seconds:1|h|#request:\(made),padding:\(padding)x")
        default: lines.append("users:\(made)|s|#request:\(made),padding:\(padding)x")
        }
        made += 1
      }
      if generator.oneIn(2) { first.apply(lines) } else { second.apply(lines) }
      aggregator.expire(atSecond: now)
      if now % 80 == 0 { expect(aggregator, &catalog, lasting, states, made: made) }
    }
    #expect(made == 200_000)
    #expect(first.totals.refused.isEmpty && second.totals.refused.isEmpty)
    let held = Held(aggregator)
    #expect(held.rows < 2 * ChurnTests.seriesMax)
    #expect(held.slots < 8 * ChurnTests.seriesMax)
    // About 100 bytes a name, in blocks that are at least half used, plus one begun block for each
    // table.
    #expect(held.blocks < 2 * ChurnTests.seriesMax * 100 / SeriesNames.blockBytes + 4 * 8)
    for second in 401...420 as ClosedRange<UInt32> { aggregator.expire(atSecond: second) }
    let contents = Contents(aggregator)
    #expect(contents.values == [.counter: lasting])
    #expect(contents.histograms.isEmpty)
    let counts = aggregator.counts()
    #expect(MetricKind.allCases.reduce(0) { $0 + counts.expired($1) } == made)
    let left = Held(aggregator)
    #expect(left.rows == 200)
    #expect(left.chunks <= 8 && left.blocks <= 8)
  }

  /// Every state that is shown is right, and the catalog equals a new one.
  private func expect(
    _ aggregator: Aggregator, _ catalog: inout Catalog, _ lasting: [String: Double],
    _ states: [String: Double], made: Int
  ) {
    catalog.update(from: aggregator)
    let contents = Contents(aggregator, catalog)
    #expect(contents.values[.counter] == lasting)
    for (series, value) in contents.values[.gauge] ?? [:] where states[series] != value {
      Issue.record("\(series) is \(value)")
    }
    for (series, histogram) in contents.histograms where histogram.sum != 1 {
      Issue.record("\(series) is \(histogram)")
    }
    for (series, count) in contents.values[.set] ?? [:] where count != 1 {
      Issue.record("\(series) is \(count)")
    }
    let counts = aggregator.counts()
    let held = MetricKind.allCases.map(counts.series)
    let expired = MetricKind.allCases.reduce(0) { $0 + counts.expired($1) }
    #expect(held[1...].reduce(0, +) + expired == made)
    var afresh = Catalog()
    afresh.update(from: aggregator)
    #expect(afresh.families.map(\.name) == catalog.families.map(\.name))
    #expect(afresh.families.map(\.kind) == catalog.families.map(\.kind))
    #expect(afresh.families.map(\.series) == catalog.families.map(\.series))
  }

  @Test(
    "lose nothing and count nothing twice, with two receivers, expiry and scrapes at the same time")
  func concurrency() {
    var lifetimes = SeriesLifetimes()
    lifetimes[.gauge] = 1
    lifetimes[.set] = 1
    lifetimes[.histogram] = 1
    let aggregator = Aggregator(rules: .all(lifetimes: lifetimes), shards: 2)
    let running = Running()
    let rounds = 3_000
    for receiver in 0..<2 {
      running.start {
        var ingest = Ingest(aggregator, memoEntries: 300)
        for round in 0..<rounds {
          let some = round / 10 % 40
          ingest.apply(
            // Counters stay. Other series that share shards, cache lines and batches with them come
            // and go, and some names come back with another type.
            "shared:1|c", "own:1|c|#receiver:\(receiver)", "level:\(round)|g|#some:\(some)",
            "seconds:1|h|#some:\(some)", "who:\(round)|s|#some:\(some)", "shared:2|c",
            round / 200 % 2 == 0 ? "either:1|g" : "either:m|s")
        }
        return [ingest.totals]
      }
    }
    var catalog = Catalog()
    var second: UInt32 = 0
    repeat {
      let isLast = running.isDone
      second += 2
      aggregator.expire(atSecond: second)
      catalog.update(from: aggregator)
      let names = catalog.families.map(\.name)
      if Set(names).count != names.count { Issue.record("a name comes twice") }
      for family in catalog.families {
        let name = String(decoding: family.name, as: UTF8.self)
        for text in aggregator.spellings(of: family) {
          if !text.hasPrefix(name) { Issue.record("\(text) is under \(name)") }
        }
      }
      if isLast { break }
    } while true
    let totals = running.wait()
    for total in totals {
      let refused = total.refused[.typeClash, default: 0]
      #expect(total.refused.count <= 1 && refused <= rounds)
      #expect(total.applied[0] == 3 * rounds && total.applied[2] == rounds)
      #expect(total.applied[1] + total.applied[3] == 3 * rounds - refused)
    }
    #expect(
      Contents(aggregator).values[.counter]
        == [
          "shared": Double(2 * 3 * rounds), #"own{receiver="0"}"#: Double(rounds),
          #"own{receiver="1"}"#: Double(rounds),
        ])
    // All series have expired, and nothing else is left.
    for _ in 0..<10 {
      second += 2
      aggregator.expire(atSecond: second)
    }
    #expect(MetricKind.allCases.map(aggregator.counts().series) == [3, 0, 0, 0])
    #expect(aggregator.limitReading().used.first { $0.limit == .names }?.count == 2)
  }
}

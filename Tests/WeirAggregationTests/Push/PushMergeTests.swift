import TestSupport
import Testing
import WeirMetrics

@testable import WeirAggregation

@Suite("Pushed totals")
struct PushMergeTests {
  /// Random frames of some owners about some series. All numbers are of few bits, so that sums are exact
  /// in whatever order they are made.
  private func randomFrames(
    _ count: Int, growing: Bool, using random: inout SeededGenerator
  ) -> [Pushed] {
    var sequences = [UInt64](repeating: 0, count: 5)
    var counters = [[Double]](repeating: [0, 0, 0], count: 5)
    var buckets = [[Double]](repeating: [Double](repeating: 0, count: 15), count: 5)
    var sums = [Double](repeating: 0, count: 5)
    return (0..<count).map { _ in
      let owner = Int.random(in: 0..<5, using: &random)
      sequences[owner] += 1
      var frame = Pushed(instance: UInt64(owner), sequence: sequences[owner])
      if owner == 4 { frame.common = [("zone", "b")] }
      for series in 0..<3 where Bool.random(using: &random) {
        let step = Double(Int.random(in: 0...64, using: &random)) / 8
        counters[owner][series] = growing ? counters[owner][series] + step : step
        frame.records.append(
          PushedRecord("c\(series)_total", [("a", "x")], .counter(counters[owner][series])))
      }
      if Bool.random(using: &random) {
        let bucket = Int.random(in: 0..<15, using: &random)
        let number = Double(Int.random(in: 0...9, using: &random))
        buckets[owner][bucket] = growing ? buckets[owner][bucket] + number : number
        sums[owner] = growing ? sums[owner] + number / 4 : number / 4
        let cells = buckets[owner].enumerated().filter { $0.element > 0 }
          .reduce(into: [Int: Double]()) { $0[$1.offset] = $1.element }
        frame.records.append(
          PushedRecord("h", .histogram(bounds: nil, sum: sums[owner], buckets: cells)))
      }
      frame.records.append(
        PushedRecord("g", .gauge(Double(Int.random(in: -9...9, using: &random)), .sum)))
      frame.records.append(PushedRecord("i_total", .increment(0.5)))
      return frame
    }
  }

  @Test(
    "are merged like the plain model, even if some are older than Weir and series expire",
    arguments: Array(0..<30))
  func agreesWithModelOverTime(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(2_000 + seed))
    var lifetimes = SeriesLifetimes()
    for kind in MetricKind.allCases { lifetimes[kind] = 20 }
    let aggregator = Aggregator(rules: .all(lifetimes: lifetimes))
    var limits = OwnerLimits()
    limits.gaugeSeconds = 15
    limits.retireSeconds = 30
    let owners = Owners(aggregator: aggregator, limits: limits)
    var ingest = PushIngest(owners)
    var model = NaiveOwners()
    // The first two owners are younger than Weir's memory, and series begin before it and after.
    var frames = randomFrames(120, growing: true, using: &random)
    for index in frames.indices {
      frames[index].age = frames[index].instance < 2 ? 0 : 500_000
      for record in frames[index].records.indices {
        let name = frames[index].records[record].name
        frames[index].records[record].time = name == "c1_total" ? 450_000 : 20
      }
    }
    var second: UInt32 = 0
    func pass(_ seconds: UInt32) {
      for _ in 0..<seconds {
        second += 1
        aggregator.expire(atSecond: second)
        owners.expire(atSecond: second)
      }
    }
    pass(100)
    for part in 0..<3 {
      var arriving = Array(frames[part * 40..<part * 40 + 40])
      // Some come twice, or partly too late.
      arriving += frames[..<(part * 40 + 40)].filter { _ in random.oneIn(4) }
      arriving.shuffle(using: &random)
      for frame in arriving {
        try ingest.apply(frame)
        model.apply(frame, uptime: UInt64(second) * 1_000)
        if random.oneIn(20) { pass(1) }
        expectAgreement(aggregator, owners, model)
      }
      pass(90)
      model.fallSilent()
      expectAgreement(aggregator, owners, model)
    }
  }

  private func expectAgreement(
    _ aggregator: Aggregator, _ owners: Owners, _ model: NaiveOwners,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    owners.mergeGauges()
    let contents = Contents(aggregator)
    #expect(
      contents.values[.counter] ?? [:] == model.counterTotals, sourceLocation: sourceLocation)
    #expect(contents.values[.gauge] ?? [:] == model.gaugeSums, sourceLocation: sourceLocation)
    #expect(
      contents.histograms == model.histogramTotals(buckets: 15), sourceLocation: sourceLocation)
  }

  @Test(
    "are merged like the plain model at every moment, in whatever order frames arrive",
    arguments: Array(0..<40))
  func agreesWithModel(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let aggregator = Aggregator()
    let owners = Owners(aggregator: aggregator)
    var ingest = PushIngest(owners)
    var model = NaiveOwners()
    // Totals that may even fall, some frames twice or more, in any order.
    let frames = randomFrames(60, growing: seed % 2 == 0, using: &random)
    var arriving = frames + frames.filter { _ in Bool.random(using: &random) }
    arriving.shuffle(using: &random)
    for frame in arriving {
      try ingest.apply(frame)
      model.apply(frame)
      expectAgreement(aggregator, owners, model)
    }
  }

  @Test(
    "have the same result in any order, with any repeated and any lost except the last",
    arguments: Array(0..<40))
  func orderDoesNotMatter(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(1_000 + seed))
    let frames = randomFrames(80, growing: true, using: &random).map { frame in
      var frame = frame
      frame.records.removeAll { $0.name == "i_total" }
      return frame
    }
    // The last of each owner about each series.
    var last: [String: Pushed] = [:]
    for frame in frames {
      for record in frame.records {
        var alone = frame
        alone.records = [record]
        last["\(frame.instance) \(record.name)"] = alone
      }
    }
    func contents(_ arriving: [Pushed]) throws -> Contents {
      let aggregator = Aggregator()
      let owners = Owners(aggregator: aggregator)
      var ingest = PushIngest(owners)
      for frame in arriving { try ingest.apply(frame) }
      owners.mergeGauges()
      return Contents(aggregator)
    }
    let whole = try contents(frames)
    var some = frames.filter { _ in Double.random(in: 0..<1, using: &random) < 0.5 }
    some += some.filter { _ in Double.random(in: 0..<1, using: &random) < 0.3 } + last.values
    some.shuffle(using: &random)
    #expect(try contents(some) == whole)
    // Idempotent: once more changes nothing.
    #expect(try contents(frames + frames) == whole)
  }
}

import TestSupport
import Testing
import WeirMetrics

@testable import WeirAggregation

@Suite("The fullest name")
struct FullestNameTests {
  @Test("has the greatest number of series, whatever is made and removed")
  func used() {
    var lifetimes = SeriesLifetimes()
    lifetimes[.counter] = 2
    let aggregator = Aggregator(rules: .all(lifetimes: lifetimes))
    var ingest = Ingest(aggregator)
    func fullest() -> Int? {
      aggregator.limitReading().used.first { $0.limit == .seriesPerName }?.count
    }
    #expect(fullest() == 0)
    ingest.apply((0..<300).map { "a:1|c|#k:\($0)" } + (0..<7).map { "b:1|g|#k:\($0)" })
    #expect(fullest() == 300)
    for second in 1...20 as ClosedRange<UInt32> { aggregator.expire(atSecond: second) }
    #expect(fullest() == 7)
    ingest.apply("c:1|c")
    #expect(fullest() == 7)
  }

  @Test("agrees with the maximum over all names", arguments: [1, 2, 3] as [UInt64])
  func naive(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var fullest = FullestName()
    var names = [Int](repeating: 0, count: 20)
    for round in 0..<5_000 {
      let name = Int.random(in: names.indices, using: &generator)
      let most = round % 1_000 < 500 ? 200 : 3
      let after =
        generator.oneIn(10)
        ? 0 : min(max(0, names[name] + Int.random(in: -1...2, using: &generator)), most)
      fullest.change(from: names[name], to: after)
      names[name] = after
      #expect(fullest.count == names.max())
    }
  }
}

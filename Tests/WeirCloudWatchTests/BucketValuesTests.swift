import TestSupport
import Testing
import WeirMetrics

@testable import WeirCloudWatch

@Suite struct BucketValuesTests {
  private func sum(_ values: [BucketValues.Weighted]) -> Double {
    values.reduce(0) { $0 + $1.value * $1.count }
  }

  @Test func `the fraction of every bucket is the one that gives the sum`() {
    let bounds = HistogramBounds(upper: [1, 2, 4])
    // 2 in (0, 1], 1 in (1, 2], 1 in (2, 4]: at a quarter of each bucket the sum is 0.5 + 1.25 + 2.5.
    let values = BucketValues.place(bounds, buckets: [2, 1, 1, 0], sum: 4.25)
    #expect(values == [.init(0.25, 2), .init(1.25, 1), .init(2.5, 1)])
  }

  @Test func `a bucket alone has the average, whatever its bounds`() {
    let bounds = HistogramBounds(upper: [1, 2])
    #expect(BucketValues.place(bounds, buckets: [0, 0, 4], sum: 40) == [.init(10, 4)])
    #expect(BucketValues.place(bounds, buckets: [4, 0, 0], sum: -2) == [.init(-0.5, 4)])
    #expect(BucketValues.place(.none, buckets: [3], sum: 6) == [.init(2, 3)])
    #expect(BucketValues.place(bounds, buckets: [0, 0, 0], sum: 0) == [])
  }

  @Test func `what is above the last bound takes the rest, but not less than that bound`() {
    let bounds = HistogramBounds(upper: [1, 2])
    // The others in their middle make 0.5 + 1.5.
    let values = BucketValues.place(bounds, buckets: [1, 1, 2], sum: 22)
    #expect(values == [.init(0.5, 1), .init(1.5, 1), .init(10, 2)])
    // 0.25 + 1.25 + 2: the one above is at its bound, and the others move down.
    let low = BucketValues.place(bounds, buckets: [1, 1, 1], sum: 3.5)
    #expect(low == [.init(0.25, 1), .init(1.25, 1), .init(2, 1)])
  }

  @Test func `negative values lower the first bucket`() {
    let bounds = HistogramBounds(upper: [1, 2])
    let values = BucketValues.place(bounds, buckets: [2, 2, 0], sum: -1)
    #expect(values == [.init(-2, 2), .init(1.5, 2)])
    // One below 0 has no width, and takes what the others leave as well.
    let below = BucketValues.place(
      HistogramBounds(upper: [-1, 2]), buckets: [1, 0, 1], sum: -10)
    #expect(below == [.init(-12, 1), .init(2, 1)])
  }

  @Test func `of random observations the sum is exact, and values are inside their buckets`() {
    var random = SeededGenerator(seed: 14)
    for _ in 0..<2_000 {
      var upper: [Double] = []
      for _ in 0..<Int.random(in: 0...20, using: &random) {
        upper.append((upper.last ?? 0) + Double.random(in: 0.001...10, using: &random))
      }
      let bounds = HistogramBounds(upper: upper)
      var buckets = [Double](repeating: 0, count: bounds.bucketCount)
      var total = 0.0
      for _ in 0..<Int.random(in: 1...50, using: &random) {
        let value = Double.random(in: 0...(upper.last ?? 1) * 1.2, using: &random)
        let weight = Double(Int.random(in: 1...4, using: &random))
        buckets[bounds.bucket(of: value)] += weight
        total += weight * value
      }
      let values = BucketValues.place(bounds, buckets: buckets, sum: total)
      #expect(abs(sum(values) - total) <= 1e-12 * max(1, total))
      #expect(values.map(\.count) == buckets.filter { $0 > 0 })
      let filled = buckets.indices.filter { buckets[$0] > 0 }
      for (index, value) in zip(filled, values) {
        let low = index == 0 ? 0 : upper[index - 1]
        let high = index < upper.count ? upper[index] : .infinity
        #expect((low - 1e-9...high + 1e-9).contains(value.value), "\(buckets) \(total)")
      }
    }
  }
}

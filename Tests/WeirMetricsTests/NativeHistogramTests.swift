import Foundation
import TestSupport
import Testing

@testable import WeirMetrics

@Suite("A native histogram")
struct NativeHistogramTests {
  private func histogram(
    _ values: [Double], schema: Int, bucketsMax: Int = 160, weight: Double = 1
  ) -> NativeHistogram {
    var histogram = NativeHistogram(schema: ExponentialSchema(schema))
    for value in values { histogram.add(value, weight: weight, bucketsMax: bucketsMax) }
    return histogram
  }

  /// Numbers of several kinds of spread, both signs and zeros among them.
  private func values(_ count: Int, _ generator: inout SeededGenerator) -> [Double] {
    let octaves = generator.pick([1.0, 4, 20, 120, 1_000])
    let negative = generator.pick([0, 0.1, 0.5])
    return (0..<count).map { _ in
      if generator.oneIn(50) { return 0 }
      let magnitude = pow(2, Double.random(in: -octaves...octaves, using: &generator))
      return Double.random(in: 0..<1, using: &generator) < negative ? -magnitude : magnitude
    }
  }

  @Test("counts what falls between two bounds, upper ones included, by sign")
  func buckets() {
    let values = [1, 1.5, 2, 2, 3, 4, 0.3, -1, -4.1, -0.6, 0, 1e-40, -1e-39]
    let histogram = histogram(values, schema: 0)
    #expect(histogram.schema.number == 0)
    #expect(histogram.zeroThreshold == 0x1p-128 && histogram.zeroCount == 3)
    #expect(
      histogram.positive == [
        .init(index: -1, count: 1), .init(index: 0, count: 1), .init(index: 1, count: 3),
        .init(index: 2, count: 2),
      ])
    #expect(histogram.negative == [.init(index: 0, count: 2), .init(index: 3, count: 1)])
    #expect(histogram.count == 13 && histogram.bucketCount == 6)
  }

  @Test("is empty at first")
  func empty() {
    let histogram = NativeHistogram(schema: ExponentialSchema(3))
    #expect(histogram.isEmpty && histogram.isWhole && histogram.count == 0)
    #expect(histogram.positive.isEmpty && histogram.negative.isEmpty && histogram.zeroCount == 0)
  }

  @Test("weighs sampled values, fractions too, and never counts to infinity")
  func weights() {
    var histogram = histogram([5, 5, -5, 0], schema: 3, weight: 2.5)
    #expect(histogram.count == 10 && histogram.zeroCount == 2.5 && !histogram.isWhole)
    #expect(histogram.positive.map(\.count) == [5] && histogram.negative.map(\.count) == [2.5])
    #expect(self.histogram([5, 6, 7], schema: 3, weight: 4).isWhole)
    for _ in 0..<3 { histogram.add(5, weight: .greatestFiniteMagnitude, bucketsMax: 160) }
    #expect(histogram.positive.map(\.count) == [.greatestFiniteMagnitude])
    histogram.add(-5, weight: .greatestFiniteMagnitude, bucketsMax: 160)
    #expect(histogram.count == .greatestFiniteMagnitude && !histogram.isWhole)
    let doubled = histogram
    histogram.merge(doubled, bucketsMax: 160)
    #expect(histogram.count == .greatestFiniteMagnitude)
  }

  @Test("accepts NaN and infinities without harm")
  func noNumbers() {
    let histogram = histogram(
      [.nan, .infinity, -.infinity, .greatestFiniteMagnitude], schema: 8)
    #expect(histogram.count == 4 && histogram.zeroCount == 1)
    #expect(histogram.positive == [.init(index: 1_024 << 8, count: 2)])
    #expect(histogram.negative == [.init(index: 1_024 << 8, count: 1)])
  }

  @Test(
    "is at the finest schema that fits, with the counts of one that was there from the start",
    arguments: 1...40 as ClosedRange<UInt64>)
  func resolution(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let values = values(3_000, &generator)
    let first = generator.pick(Array(-4...8))
    let bucketsMax = generator.pick([1, 10, 160, 1_000])
    let histogram = histogram(values, schema: first, bucketsMax: bucketsMax)
    #expect(histogram.count == 3_000)
    #expect(histogram.bucketCount <= bucketsMax || histogram.schema == .coarsest)
    #expect(histogram.bucketCount <= 144 || histogram.schema != .coarsest)
    let direct = self.histogram(values, schema: histogram.schema.number, bucketsMax: .max)
    #expect(histogram == direct)
    if histogram.schema.number < first {
      let finer = self.histogram(values, schema: histogram.schema.number + 1, bucketsMax: .max)
      #expect(finer.bucketCount > bucketsMax)
    }
    let shuffled = self.histogram(
      values.shuffled(using: &generator), schema: first, bucketsMax: bucketsMax)
    #expect(histogram == shuffled)
  }

  @Test(
    "counts each value where it belongs, by comparing it with the bucket's bounds",
    arguments: 1...13 as ClosedRange<UInt64>)
  func naive(seed: UInt64) {
    var generator = SeededGenerator(seed: 1_000 + seed)
    let values = values(2_000, &generator)
    let schema = ExponentialSchema(Int(seed) - 5)
    let histogram = histogram(values, schema: schema.number, bucketsMax: .max)
    #expect(histogram.zeroCount == Double(values.count { $0.magnitude <= 0x1p-128 }))
    for (buckets, sign) in [(histogram.positive, 1.0), (histogram.negative, -1.0)] {
      #expect(buckets.map(\.index) == buckets.map(\.index).sorted())
      for bucket in buckets {
        let lower = max(schema.upperBound(of: bucket.index - 1), 0x1p-128)
        let upper = schema.upperBound(of: bucket.index)
        let naive = values.count { $0 * sign > lower && $0 * sign <= upper }
        #expect(bucket.count == Double(naive))
      }
    }
  }

  @Test(
    "merges to what one histogram of all values would be, in whatever order",
    arguments: 1...20 as ClosedRange<UInt64>)
  func merge(seed: UInt64) {
    var generator = SeededGenerator(seed: 2_000 + seed)
    let parts = (0..<4).map { _ in values(500, &generator) }
    let schemas = (0..<4).map { _ in generator.pick([0, 3, 8]) }
    let whole = histogram(parts.flatMap { $0 }, schema: schemas.min() ?? 0)
    for _ in 0..<3 {
      var merged = NativeHistogram(schema: .finest)
      for part in (0..<4).shuffled(using: &generator) {
        merged.merge(histogram(parts[part], schema: schemas[part]), bucketsMax: 160)
      }
      #expect(merged == whole)
    }
    var alone = whole
    alone.merge(NativeHistogram(schema: .finest), bucketsMax: 160)
    #expect(alone == whole)
  }

  @Test(
    "takes 2 KiB at most, whatever numbers are sent",
    arguments: 1...5 as ClosedRange<UInt64>)
  func memory(seed: UInt64) {
    var generator = SeededGenerator(seed: 3_000 + seed)
    var histogram = NativeHistogram(schema: ExponentialSchema(generator.pick([-4, 3, 8])))
    var most = 0
    for step in 0..<50_000 {
      let exponent = Double.random(in: -300...300, using: &generator)
      let magnitude = generator.oneIn(3) ? pow(10, exponent) : 1 + Double(step) * 1e-3
      histogram.add(generator.oneIn(2) ? magnitude : -magnitude, weight: 1, bucketsMax: 160)
      most = max(most, histogram.bytesHeld)
    }
    #expect(most <= 2_048, "\(most)")
    #expect(histogram.count == 50_000 && histogram.bucketCount <= 160)
  }

  @Test(
    "estimates every quantile within its schema's relative error",
    arguments: 1...30 as ClosedRange<UInt64>)
  func quantiles(seed: UInt64) {
    var generator = SeededGenerator(seed: 4_000 + seed)
    let values = values(generator.pick([1, 2, 10, 1_000, 5_000]), &generator)
    let histogram = histogram(values, schema: generator.pick(Array(-4...8)))
    let sorted = values.sorted()
    for fraction in [0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1] {
      let rank = max(1, Int((Double(values.count) * fraction).rounded(.up)))
      let exact = sorted[rank - 1]
      let error = (histogram.quantile(fraction) - exact).magnitude
      let most = max(exact.magnitude * histogram.schema.relativeError * (1 + 1e-12), 0x1p-128)
      #expect(error <= most, "\(fraction) of \(values.count): \(exact) ± \(error)")
    }
  }

  @Test("estimates quantiles of nothing, of zeros, of one number, and of saturated counts")
  func simpleQuantiles() {
    #expect(NativeHistogram(schema: .finest).quantile(0.5).isNaN)
    #expect(histogram([0, 0, 1e-200], schema: 3).quantile(0.9) == 0)
    for fraction in [0, 0.5, 1] {
      let error = histogram([-7], schema: 8).quantile(fraction) + 7
      #expect(error.magnitude <= 7 * ExponentialSchema.finest.relativeError)
    }
    let saturated = histogram([-1, 0, 1], schema: 3, weight: .greatestFiniteMagnitude)
    #expect(saturated.quantile(0) < 0 && saturated.quantile(1) < 0)
    for schema in -4...8 {
      let greatest = histogram([.greatestFiniteMagnitude], schema: schema).quantile(0.5)
      #expect(greatest.isFinite && greatest > 0)
    }
  }

  @Test("is a value: a copy does not change")
  func copies() {
    var histogram = histogram([1, 2, 3], schema: 3)
    let copy = histogram
    histogram.add(1, weight: 1, bucketsMax: 160)
    histogram.add(100, weight: 1, bucketsMax: 160)
    #expect(copy.count == 3 && copy.bucketCount == 3)
    #expect(histogram.count == 5 && histogram.bucketCount == 4)
  }

  @Test("as a total falls in no bucket, whatever it is raised to, and returns its gains")
  func raise() {
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<200 {
      func random() -> NativeHistogram {
        histogram(values(Int.random(in: 0...40, using: &generator), &generator), schema: 2)
      }
      var total = random()
      let before = total
      let other = random()
      let gain = total.raise(to: other)
      // Raised again by either, and by what it was, it stays.
      let again = [other, before, total].map { total.raise(to: $0).isEmpty }
      #expect(again == [true, true, true])
      var sum = before
      sum.merge(gain, bucketsMax: .max)
      if sum.schema == total.schema { #expect(sum == total) }
      #expect(total.count >= max(before.count, other.count))
    }
  }

  @Test("takes little more memory than its buckets, even after it had many more")
  func memory() {
    let many = NativeHistogram(
      schema: ExponentialSchema(8), zeroCount: 0,
      positive: (0..<20_000).map { NativeHistogram.Bucket(index: $0, count: 1) }, negative: [])
    var total = NativeHistogram(schema: ExponentialSchema(8))
    _ = total.raise(to: many)
    #expect(total.count == 20_000)
    #expect(total.bytesHeld < 12 * (2 * NativeHistogram.totalBucketsMax + 64))
    var merged = NativeHistogram(schema: ExponentialSchema(8))
    merged.merge(many, bucketsMax: 160)
    #expect(merged.bytesHeld < 12 * (2 * 160 + 64))
  }
}

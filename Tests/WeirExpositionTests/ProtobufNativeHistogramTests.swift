import TestSupport
import Testing
import WeirExposition
import WeirMetrics

@Suite("Native histograms in the protobuf format")
struct ProtobufNativeHistogramTests {
  private typealias Page = ProtobufPage

  @Test(
    "they read back as what was observed, in whole or fractional counts",
    arguments: [1, 2, 3] as [UInt64], [1.0, 0.4])
  func native(seed: UInt64, weight: Double) throws {
    var generator = SeededGenerator(seed: seed)
    for keepsClassic in [true, false] {
      var native = NativeHistogram(schema: ExponentialSchema(Int(seed) + 2))
      let bounds = keepsClassic ? [0.5, 1, 1_000] : []
      var buckets = [Double](repeating: 0, count: bounds.count + 1)
      for _ in 0..<300 {
        let value =
          Double.random(in: -50...5_000, using: &generator) * generator.pick([0, 1e-4, 1])
        native.add(value, weight: weight, bucketsMax: 160)
        buckets[bounds.count { $0 < value }] += weight
      }
      let histogram = try Page.histogram(buckets, bounds, native: native)
      #expect(try histogram.zigzag(5) == Int64(native.schema.number))
      #expect(try histogram.double(6) == 0x1p-128)
      let isWhole = weight == 1
      let zero = isWhole ? Double(try histogram.integer(7)) : try histogram.double(8)
      #expect(zero == native.zeroCount)
      #expect(histogram.has(4) == !isWhole)
      if isWhole { #expect(try histogram.integer(1) == 300) }
      let positive = try ProtobufReader.buckets(histogram, spans: 12, deltas: 13, counts: 14)
      let negative = try ProtobufReader.buckets(histogram, spans: 9, deltas: 10, counts: 11)
      for (read, kept) in [(positive, native.positive), (negative, native.negative)] {
        #expect(read.count == kept.count && !read.isEmpty)
        for bucket in kept { #expect(read[Int64(bucket.index)] == bucket.count) }
      }
      #expect(try histogram.messages(3).count == bounds.count)
    }
  }

  @Test("they are fractions where one bucket is, though the classic buckets are whole")
  func nativeFractions() throws {
    var native = NativeHistogram(schema: ExponentialSchema(3))
    // Two native buckets, one classic one.
    native.add(0.6, weight: 2.5, bucketsMax: 160)
    native.add(0.9, weight: 2.5, bucketsMax: 160)
    let histogram = try Page.histogram([0, 5, 0], [0.5, 1], native: native)
    #expect(try histogram.integer(1) == 5)
    #expect(try histogram.double(4) == 5)
    let positive = try ProtobufReader.buckets(histogram, spans: 12, deltas: 13, counts: 14)
    #expect(positive.values.filter { $0 > 0 } == [2.5, 2.5])
    #expect(histogram.has(14) && !histogram.has(13))
    #expect(histogram.has(8) && !histogram.has(7))
  }

  @Test("they have whole counts only where they add up to the total")
  func nativeRounding() throws {
    var native = NativeHistogram(schema: ExponentialSchema(3))
    native.add(0.6, weight: 0x1p52, bucketsMax: 160)
    var classic = 0x1p52
    for _ in 0..<2 {
      native.add(0.9, weight: 1.5, bucketsMax: 160)
      classic += 1.5
    }
    // Both are whole, and rounding has made them differ.
    #expect(native.isWhole && classic == classic.rounded() && native.count != classic)
    let histogram = try Page.histogram([0, classic, 0], [0.5, 1], native: native)
    #expect(histogram.has(4) && histogram.has(14) && !histogram.has(13))
  }

  @Test("their count is never below what Prometheus adds up, and never falls")
  func nativeCountAbove() throws {
    var generator = SeededGenerator(seed: 7)
    var native = NativeHistogram(schema: ExponentialSchema(8))
    var classic = 0.0
    var last = 0.0
    for step in 0..<2_000 {
      // Weights of sample rates, which are rounded; buckets become wider at times.
      let weight = 1 / Double.random(in: 0.01...0.9, using: &generator)
      let value = Double.random(in: -300...300, using: &generator)
      native.add(value, weight: weight, bucketsMax: 20)
      // The classic count lags behind where the totals of a client fell.
      if step % 3 > 0 { classic += weight }
      let histogram = try Page.histogram([classic, 0], [0.5], native: native)
      func sum(_ buckets: [NativeHistogram.Bucket]) -> Double {
        buckets.reduce(0) { $0 + $1.count }
      }
      let count = try histogram.double(4)
      #expect(count >= sum(native.negative) + sum(native.positive) && count >= classic)
      #expect(count >= last && count <= max(native.count, classic) * (1 + 0x1p-39))
      last = count
    }
    // Whole counts that do not add up are sent as fractions, and exact ones stay as they are.
    native = NativeHistogram(schema: ExponentialSchema(3))
    native.add(0.6, weight: 5, bucketsMax: 160)
    native.add(0.9, weight: 2.5, bucketsMax: 160)
    #expect(try Page.histogram([3, 0], [0.5], native: native).double(4) == 7.5)
    #expect(try Page.histogram([9.5, 0], [0.5], native: native).double(4) == 9.5)
  }

  @Test("they have exemplars beside the buckets, those with a time, oldest first")
  func nativeExemplars() throws {
    func exemplar(_ value: Double, _ time: Double?) -> Exemplar {
      Exemplar(labels: Array("{}".utf8), value: value, unixSeconds: time)
    }
    var native = NativeHistogram(schema: ExponentialSchema(3))
    native.add(0.25, weight: 1, bucketsMax: 160)
    let exemplars = [0: exemplar(0.25, 9), 1: exemplar(0.75, 4.5), 2: exemplar(7, nil)]
    let both = try Page.histogram([1, 0, 0], [0.5, 1], native: native, exemplars: exemplars)
    #expect(try both.messages(16).map { try $0.double(2) } == [0.75, 0.25])
    #expect(try both.messages(16).map { try $0.messages(3)[0].integer(1) } == [4, 9])
    // The classic buckets keep theirs.
    #expect(try both.messages(3).map { $0.has(3) } == [true, true, true])
    let only = try Page.histogram([1], [], native: native, exemplars: [0: exemplar(0.25, 9)])
    #expect(try only.messages(16).map { try $0.double(2) } == [0.25])
    let classic = try Page.histogram([1, 0, 0], [0.5, 1], exemplars: exemplars)
    #expect(!classic.has(16))
  }

  @Test("one without observations says that it is one")
  func emptyNative() throws {
    let empty = try Page.histogram([0], [], native: NativeHistogram(schema: ExponentialSchema(3)))
    #expect(try empty.all(12) == [[]])
    #expect(try empty.messages(3).isEmpty)
    #expect(try empty.integer(1) == 0)
  }
}

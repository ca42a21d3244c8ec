import TestSupport
import Testing
import WeirMetrics

@testable import WeirAggregation

@Suite("Pushed exponential buckets")
struct PushExponentialTests {
  /// What two instances send that observe random values. The second becomes coarser during the
  /// test.
  private func frames(_ random: inout SeededGenerator) -> [Pushed] {
    var frames: [Pushed] = []
    for instance in 1...2 as ClosedRange<UInt64> {
      var buckets: [Int: Double] = [:]
      var sum = 0.0
      var schema = 3
      for sequence in 1...12 as ClosedRange<UInt64> {
        for _ in 0..<5 {
          buckets[Int.random(in: -40...40, using: &random), default: 0] += 1
          sum += 0.25
        }
        if instance == 2 && sequence == 7 {
          schema = 2
          // Bucket i of the coarser schema is the two finer ones up to 2i.
          buckets = buckets.reduce(into: [:]) { coarser, bucket in
            coarser[(bucket.key + 1) >> 1, default: 0] += bucket.value
          }
        }
        let value = PushedRecord.Value.exponential(
          schema: schema, sum: sum, zero: Double(sequence), positive: buckets)
        frames.append(
          Pushed(instance: instance, sequence: sequence, records: [PushedRecord("h", value)]))
      }
    }
    return frames
  }

  private struct Merged {
    var native: NativeHistogram?
    var sum: Double?
    var buckets: [Double] = []

    /// How many observations are no greater than each classic bound.
    var cumulative: [Double] {
      var sum = 0.0
      return buckets.map {
        sum += $0
        return sum
      }
    }
  }

  private func merged(_ frames: [Pushed]) throws -> Merged {
    let options = NativeOptions(schema: ExponentialSchema(3))
    let aggregator = Aggregator(rules: .all(observer: .native(options, keepsBuckets: true)))
    var ingest = PushIngest(Owners(aggregator: aggregator))
    for frame in frames { try ingest.apply(frame) }
    var catalog = Catalog()
    catalog.update(from: aggregator)
    var merged = Merged()
    for family in catalog.families {
      aggregator.forEachSeries(of: family) { piece, index in
        merged = Merged(
          native: piece.native(index), sum: piece.sum(index), buckets: Array(piece.buckets(index)))
      }
    }
    return merged
  }

  @Test(
    "add up to the last totals of all, in any order and with any lost or repeated",
    arguments: 0..<30)
  func orderDoesNotMatter(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let frames = frames(&random)
    let last = frames.filter { $0.sequence == 12 }
    var expected = NativeHistogram(schema: ExponentialSchema(3))
    for frame in last {
      guard case .exponential(let schema, _, let zero, let positive) = frame.records[0].value else {
        continue
      }
      let buckets = positive.sorted { $0.key < $1.key }.map {
        NativeHistogram.Bucket(index: Int32($0.key), count: $0.value)
      }
      expected.merge(
        NativeHistogram(
          schema: ExponentialSchema(schema), zeroCount: zero, positive: buckets, negative: []),
        bucketsMax: 160)
    }
    #expect(try merged(frames).native == expected)
    var some = frames.filter { _ in random.oneIn(2) }
    some += some.filter { _ in random.oneIn(3) } + last
    some.shuffle(using: &random)
    #expect(try merged(some).native == expected)
    #expect(try merged(some).sum == 2 * 12 * 5 * 0.25)
  }

  @Test(
    "give the same classic buckets in any order, even if a schema changes",
    arguments: 0..<40)
  func classicBuckets(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let frames = frames(&random)
    let inOrder = try merged(frames)
    var some = frames + frames.filter { _ in random.oneIn(3) }
    some.shuffle(using: &random)
    #expect(try merged(some).buckets == inOrder.buckets)
    // Every observation is in a bucket, and none in a lower one than it belongs to.
    #expect(inOrder.cumulative.last == inOrder.native?.count)
  }

  @Test("never let a classic bucket fall when a coarser frame comes", arguments: 0..<10)
  func classicBucketsNeverFall(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let frames = frames(&random).shuffled(using: &random)
    var before = [Double](repeating: 0, count: HistogramBounds.standard.bucketCount)
    for count in 1...frames.count {
      let now = try merged(Array(frames[..<count])).cumulative
      #expect(zip(before, now).allSatisfy(<=), "after \(count) frames")
      before = now
    }
  }

  @Test("and explicit ones of one series are two totals, which add up")
  func bothForms() throws {
    let explicit = PushedRecord("h", .histogram(bounds: nil, sum: 2, buckets: [6: 2]))
    let exponential = PushedRecord(
      "h", .exponential(schema: 0, sum: 3, zero: 0, positive: [1: 3]))
    for records in [[explicit, exponential], [exponential, explicit]] {
      var frames: [Pushed] = []
      for (place, record) in records.enumerated() {
        frames.append(Pushed(sequence: UInt64(place + 1), records: [record]))
      }
      let merged = try merged(frames + frames)
      #expect(merged.cumulative.last == 5)
      #expect(merged.sum == 5)
    }
  }
}

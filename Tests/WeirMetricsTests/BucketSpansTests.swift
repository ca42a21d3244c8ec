import Testing
import WeirMetrics

@Suite("Spans of buckets")
struct BucketSpansTests {
  struct Case: Sendable {
    let buckets: [(Int32, Double)]
    let spans: [(Int32, UInt32)]
    let deltas: [Int64]
  }

  static let cases: [Case] = [
    .init(buckets: [], spans: [], deltas: []),
    .init(buckets: [(0, 3)], spans: [(0, 1)], deltas: [3]),
    .init(buckets: [(7, 3)], spans: [(7, 1)], deltas: [3]),
    .init(buckets: [(-1_000, 1)], spans: [(-1_000, 1)], deltas: [1]),
    // The first span begins where it begins, near zero too.
    .init(buckets: [(1, 2), (2, 5), (3, 1)], spans: [(1, 3)], deltas: [2, 3, -4]),
    .init(buckets: [(-2, 1), (-1, 1), (0, 1)], spans: [(-2, 3)], deltas: [1, 0, 0]),
    .init(buckets: [(-1, 4), (1, 4)], spans: [(-1, 3)], deltas: [4, -4, 4]),
    .init(buckets: [(3, 4), (6, 4)], spans: [(3, 4)], deltas: [4, -4, 0, 4]),
    .init(buckets: [(3, 4), (7, 4)], spans: [(3, 1), (3, 1)], deltas: [4, 0]),
    .init(
      buckets: [(-9, 1), (-8, 2), (-5, 9), (0, 1), (100, 1), (102, 3)],
      spans: [(-9, 5), (4, 1), (99, 3)], deltas: [1, 1, -2, 0, 9, -8, 0, -1, 3]),
  ]

  @Test("bridge gaps of up to two empty buckets, and count the distance over greater ones")
  func table() {
    for one in Self.cases {
      let spans = BucketSpans(one.buckets.map { .init(index: $0.0, count: $0.1) })
      #expect(spans.spans == one.spans.map { .init(offset: $0.0, length: $0.1) })
      #expect(spans.deltas == one.deltas)
      var sum: Int64 = 0
      let counts = one.deltas.map { delta in
        sum += delta
        return Double(sum)
      }
      #expect(spans.counts == counts)
    }
  }

  @Test("keep counts that are no whole numbers")
  func fractions() {
    let spans = BucketSpans([.init(index: 2, count: 0.5), .init(index: 4, count: 2.25)])
    #expect(spans.spans == [.init(offset: 2, length: 3)])
    #expect(spans.counts == [0.5, 0, 2.25])
  }
}

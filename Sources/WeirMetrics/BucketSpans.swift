/// The buckets of one sign as Prometheus' protobuf has them: runs of neighbours, and a count for each
/// bucket in a run.
///
/// A gap of one or two empty buckets does not end a run, because two counts of zero take less space
/// than a span.
package struct BucketSpans: Sendable, Equatable {
  /// A run of buckets.
  package struct Span: Sendable, Equatable {
    /// For the first span, the index of its first bucket. For any other, the number of buckets
    /// between the previous one and it.
    package let offset: Int32
    package fileprivate(set) var length: UInt32

    package init(offset: Int32, length: UInt32) {
      self.offset = offset
      self.length = length
    }
  }

  /// The most empty buckets that a run continues across.
  static let gapMax = 2

  package private(set) var spans: [Span] = []
  /// The count of each bucket, including those of bridged gaps: `positive_count`.
  package private(set) var counts: [Double] = []

  /// - Parameter buckets: In ascending order of index.
  package init(_ buckets: [NativeHistogram.Bucket]) {
    var next: Int32 = 0
    for bucket in buckets {
      let gap = bucket.index - next
      if spans.isEmpty || gap > BucketSpans.gapMax {
        spans.append(Span(offset: gap, length: 1))
      } else {
        counts.append(contentsOf: repeatElement(0, count: Int(gap)))
        spans[spans.count - 1].length += UInt32(gap) + 1
      }
      counts.append(bucket.count)
      next = bucket.index + 1
    }
  }

  /// The first count, and for each later one the difference to the previous one: `positive_delta`.
  ///
  /// - Precondition: the histogram `isWhole`.
  package var deltas: [Int64] {
    var before: Int64 = 0
    return counts.map { count in
      let count = Int64(count)
      defer { before = count }
      return count - before
    }
  }
}

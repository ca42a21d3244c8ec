/// The buckets of one sign as Prometheus' protobuf has them: runs of neighbours, and a count for each
/// bucket in a run.
///
/// A gap of one or two empty buckets does not end a run, for two counts of zero take less than a
/// span.
package struct BucketSpans: Sendable, Equatable {
  /// A run of buckets.
  package struct Span: Sendable, Equatable {
    /// Of the first span the index of its first bucket; of any other how many buckets lie between
    /// the one before and it.
    package let offset: Int32
    package fileprivate(set) var length: UInt32

    package init(offset: Int32, length: UInt32) {
      self.offset = offset
      self.length = length
    }
  }

  /// Empty buckets that a run goes across.
  static let gapMax = 2

  package private(set) var spans: [Span] = []
  /// The count of each bucket, those of bridged gaps among them: `positive_count`.
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

  /// The first count, and of each further one the difference to the one before: `positive_delta`.
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

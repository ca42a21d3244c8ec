/// One record of a pushed frame, as plain values; what is of any length lies in the `PushFrame`.
package struct PushRecord: Sendable, BitwiseCopyable {
  /// What a record says of its series, as `docs/protocol.md` has it.
  package enum Content: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case counter, increment, gauge, gaugeAdd, observations, histogram, exponential, members, sketch
  }

  package var content: Content
  /// Of a gauge.
  package var merge = GaugeMerge.last
  /// Of exponential buckets: -4 to 8.
  package var schema: Int8 = 0
  /// Which of the frame's lists bounds a histogram: 0 for Weir's own, else one more than its index.
  package var bounds: UInt32 = 0
  /// Index of the name among the frame's strings.
  package var name: UInt32
  /// The series' own labels among those of the frame.
  package var labels: PushRange
  /// A total, an amount, a gauge's value or change, the weight of observations, a histogram's sum.
  package var value = 0.0
  /// How many observations fell in the zero bucket of exponential ones.
  package var zeroCount = 0.0
  /// Observations, counts of buckets, bits of hashes, or ranks.
  package var numbers = PushRange()
  /// Of each number of a histogram or a sketch the bucket or the register; they begin here.
  package var firstIndex: UInt32 = 0
  /// How many of a record's exponential buckets, which are the first, are of positive values.
  package var positives: UInt32 = 0
  package var exemplars = PushRange()

  package init(content: Content, name: UInt32, labels: PushRange) {
    self.content = content
    self.name = name
    self.labels = labels
  }

  /// What its series is to Prometheus.
  package var kind: MetricKind {
    switch content {
    case .counter, .increment: .counter
    case .gauge, .gaugeAdd: .gauge
    case .observations, .histogram, .exponential: .histogram
    case .members, .sketch: .set
    }
  }

  /// Whether it tells of a change, which must count once, and not of a state, which may come twice.
  package var isChange: Bool {
    switch content {
    case .increment, .gaugeAdd, .observations: true
    case .counter, .gauge, .histogram, .exponential, .members, .sketch: false
    }
  }
}

/// Some neighbours in one of a frame's lists.
package struct PushRange: Sendable, BitwiseCopyable {
  package var first: UInt32
  package var count: UInt32

  package init(first: Int = 0, count: Int = 0) {
    self.first = UInt32(truncatingIfNeeded: first)
    self.count = UInt32(truncatingIfNeeded: count)
  }

  @inline(__always)
  package var indices: Range<Int> { Int(first)..<Int(first) &+ Int(count) }
}

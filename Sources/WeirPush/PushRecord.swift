import WeirBytes
import WeirMetrics

/// One record of a pushed frame, as plain values. Lists of any length are in the `PushFrame`.
@usableFromInline
package struct PushRecord: Sendable, BitwiseCopyable {
  /// What a record says of its series, as `docs/protocol.md` has it.
  @usableFromInline
  package enum Content: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case counter, increment, gauge, gaugeAdd, observations, histogram, exponential, members, sketch,
      textGauge
  }

  @usableFromInline package var content: Content
  /// Of a gauge.
  @usableFromInline package var merge = GaugeMerge.last
  /// Of exponential buckets: -4 to 8.
  package var schema: Int8 = 0
  /// Which of the frame's lists bounds a histogram: 0 for Weir's own, else one more than its index.
  package var bounds: UInt32 = 0
  /// Index of the name among the frame's strings.
  @usableFromInline package var name: UInt32
  /// Where the series' own labels are in the bytes that the frame was decoded from, and their
  /// number. They have been checked, and are read again only when the series is new.
  @usableFromInline package var labels: PushRange
  /// Of the series and what the record is about.
  @usableFromInline package var fingerprint: Fingerprint
  /// A total, an amount, a gauge's value or change, the weight of observations, a histogram's sum. Of
  /// a text gauge the value of the last setting.
  @usableFromInline package var value = 0.0
  /// Observations, counts of buckets, bits of hashes, or ranks. Of exponential buckets the last is
  /// the zero bucket's. Of a text gauge the number of settings, and the changes since the last one.
  @usableFromInline package var numbers = PushRange()
  /// Where the indices of its buckets or registers begin, one for each number.
  package var firstIndex: UInt32 = 0
  /// The number of exponential buckets of positive values, which come first.
  package var positives: UInt32 = 0
  @usableFromInline package var exemplars = PushRange()
  /// The time at the record's end in milliseconds, or `notTold`: see `heldMilliseconds`,
  /// `beganMilliseconds` and `endsMilliseconds`.
  @usableFromInline package var time = PushRecord.notTold

  /// The value of `time` where the record has none, as those of older clients.
  @usableFromInline package static let notTold = Int64.min

  @inlinable
  package init(content: Content, name: UInt32, labels: PushRange, fingerprint: Fingerprint) {
    self.content = content
    self.name = name
    self.labels = labels
    self.fingerprint = fingerprint
  }

  /// Of a gauge: how long the value had held when the frame was sent; nil where unknown.
  package var heldMilliseconds: UInt64? { time == PushRecord.notTold ? nil : UInt64(time) }

  /// Of a total or a text gauge: from the instance's start until its series began; nil where unknown.
  package var beganMilliseconds: UInt64? { time == PushRecord.notTold ? nil : UInt64(time) }

  /// Of members or a sketch: from when the frame was sent until the end of the step in which they
  /// were counted, negative where it had ended; nil where unknown.
  package var endsMilliseconds: Int64? { time == PushRecord.notTold ? nil : time }

  /// The kind of its series.
  @inlinable
  package var kind: MetricKind {
    switch content {
    case .counter, .increment: .counter
    case .gauge, .gaugeAdd, .textGauge: .gauge
    case .observations, .histogram, .exponential: .histogram
    case .members, .sketch: .set
    }
  }

  /// What a record is about. A series has a total of its own for each of these.
  @inlinable
  package static func about(_ content: Content) -> UInt64 {
    switch content {
    case .counter, .increment: 1
    case .gauge, .gaugeAdd: 2
    case .observations, .histogram: 3
    case .exponential: 4
    case .members, .sketch: 5
    case .textGauge: 6
    }
  }

  /// Whether it is a change, which must be counted once, or a state, which may arrive twice.
  @inlinable
  package var isChange: Bool {
    switch content {
    case .increment, .gaugeAdd, .observations: true
    case .counter, .gauge, .histogram, .exponential, .members, .sketch, .textGauge: false
    }
  }
}

/// Consecutive elements of one of a frame's lists, or bytes of the frame.
@usableFromInline
package struct PushRange: Sendable, BitwiseCopyable {
  @usableFromInline package var first: UInt32
  @usableFromInline package var count: UInt32

  @inlinable
  package init(first: Int = 0, count: Int = 0) {
    self.first = UInt32(truncatingIfNeeded: first)
    self.count = UInt32(truncatingIfNeeded: count)
  }

  @inlinable
  @inline(__always)
  package var indices: Range<Int> { Int(first)..<Int(first) &+ Int(count) }
}

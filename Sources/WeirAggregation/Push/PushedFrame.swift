import WeirMetrics
import WeirPush

/// What a shard has to know of a frame to apply its records, beside the records: plain values, for
/// nothing that another thread could hold goes in under a shard's lock.
struct PushedFrame: Sendable {
  let header: PushHeader
  /// When it came, since the start of Weir.
  let second: UInt32
  /// When it was sent, and not later than it came, in milliseconds since 1970.
  let sentMilliseconds: UInt64
  /// Whether it is certain that it has not been seen before.
  let isFirst: Bool
  /// Of Weir's own bounds and then of each of the frame's lists.
  let folds: [BucketFold]
  let bounds: HistogramBounds
}

/// What comes of applying records, beside the series' values.
struct PushEffects: Sendable {
  /// Gauges that have no value of the owner any more.
  var left = OwnersLeft()
  /// Histograms refused, for their bounds are not what they were.
  var badBuckets = 0
}

import WeirMetrics
import WeirPush

/// What a shard has to know of a frame to apply its records, beside the records: plain values, because
/// nothing that another thread could hold is used under a shard's lock.
struct PushedFrame: Sendable {
  let header: PushHeader
  /// When it came, since the start of Weir.
  let second: UInt32
  /// When it was sent, and not later than it came, in milliseconds since 1970.
  let sentMilliseconds: UInt64
  /// Whether it is certain that it has not been seen before.
  let isFirst: Bool
  /// Those of `FrameFolds`.
  var folds: [BucketFold]
}

/// What comes of applying records, beside the series' values.
struct PushEffects: Sendable {
  /// Gauges that have no value of the owner any more.
  var released = ReleasedByOwners()
  /// Histograms refused because their bounds have changed.
  var badBuckets = 0
}

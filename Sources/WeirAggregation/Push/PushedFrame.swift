import WeirMetrics
import WeirPush

/// What a shard must know about a frame to apply its records. They are plain values, because
/// code under a shard's lock uses nothing that another thread may hold.
struct PushedFrame: Sendable {
  let header: PushHeader
  /// When it arrived, in seconds since the start of Weir.
  let second: UInt32
  /// When it was sent, in milliseconds since 1970, but not later than when it arrived.
  let sentMilliseconds: UInt64
  /// Whether it has certainly not been seen before.
  let isFirst: Bool
  /// Those of `FrameFolds`.
  var folds: [BucketFold]
}

/// What applying records causes in addition to the series' new values.
struct PushEffects: Sendable {
  /// Gauge values and series that the owner no longer holds.
  var released = ReleasedByOwners()
  /// Histograms refused because their bounds have changed.
  var badBuckets = 0
}

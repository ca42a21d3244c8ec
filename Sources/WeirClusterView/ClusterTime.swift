import Synchronization

/// What a view's parts ask of its clock. Set by the one that applies messages, read by all.
final class ClusterTime: Sendable {
  private let seconds = Atomic<UInt32>(0)
  private let memory = Atomic<UInt64>(0)
  /// How long instances were known when the clock was 0, in milliseconds.
  private let memoryBefore: UInt64

  init(memoryBefore: UInt64) { self.memoryBefore = memoryBefore }

  func set(_ clock: ClusterClock) {
    seconds.store(clock.unixSeconds, ordering: .relaxed)
    memory.store(memoryBefore &+ clock.memoryMilliseconds, ordering: .relaxed)
  }

  /// Since 1970.
  var unixSeconds: UInt32 { seconds.load(ordering: .relaxed) }
  /// How long instances have been known.
  var memoryMilliseconds: UInt64 { memory.load(ordering: .relaxed) }
}

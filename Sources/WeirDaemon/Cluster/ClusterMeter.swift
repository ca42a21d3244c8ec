import WeirBytes
import WeirCluster
import WeirClusterView

/// What a node has done in its cluster so far. Updated by its parts, read by scrapes.
final class ClusterMeter: Sendable {
  struct Reading: Sendable, Equatable {
    /// Messages handed over, their bytes, and those that the log has.
    var posts = 0
    var postedBytes = 0
    var stored = 0
    /// Messages that could not be handed over, or that the log did not take.
    var postsFailed = 0
    /// Those of them that were refused because the log is full.
    var postsFull = 0
    var postsWithoutAnswer = 0
    /// Messages that were not made, because too many had no answer.
    var postsHeldBack = 0
    /// How often the state was loaded again because messages were missing.
    var gaps = 0
    /// Scrapes' waits for their own marker.
    var barriers = 0
    var barriersFailed = 0
    var barrierSeconds = 0.0
    /// The wall clock of the last marker that came back, in seconds; 0 before the first.
    var lastMarkerSeconds = 0.0
    var statesStored = 0
    var statesFailed = 0
    /// What the log had when it was asked last, and may have; nil before the first answer, and without a limit.
    var logBytes: UInt64?
    var logBytesMax: UInt64?
    /// When the newest state of the store was stored, in milliseconds since 1970 by the servers' time; 0 if there is
    /// none, or if the store has not answered yet.
    var stateMilliseconds: UInt64 = 0
    /// What the view has applied.
    var view = ClusterTotals()

    mutating func note(_ refusal: PostRefusal) {
      postsFailed += 1
      if case .full = refusal { postsFull += 1 }
    }
  }

  private let state = Locked(Reading())

  var reading: Reading { state.withLock { $0 } }

  func update(_ body: (inout Reading) -> Void) { state.withLock { body(&$0) } }
}

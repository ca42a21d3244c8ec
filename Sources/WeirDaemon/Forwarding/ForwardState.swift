/// What has become of what a round of the forwarder is about to send.
enum ForwardVerdict: Sendable, Equatable {
  /// It is in the state file, or there is no such file: send it.
  case send
  /// A restart would go on from an older state as the same instance. What is sent now would then be more than that
  /// state, and all that is counted until the state has caught up would be lost. So nothing is sent.
  case hold
}

/// How the forwarder is tied to the state on disk.
struct ForwardState: Sendable {
  /// Commits everything, together with the identity. Called after the frames were made and before they are sent.
  var commit: @Sendable () async -> ForwardVerdict = { .send }
  /// Whether the instance continues after a restart.
  var isKept = false

  init() {}

  /// If the state file is gone, a restart begins a new instance, so that nothing can be lost by sending. If an old
  /// file is still there, nothing is sent.
  init(_ keeper: StateKeeper) {
    isKept = true
    commit = {
      switch await keeper.commit() {
      case .committed, .unprotected: .send
      case .stale, .refused: .hold
      }
    }
  }
}

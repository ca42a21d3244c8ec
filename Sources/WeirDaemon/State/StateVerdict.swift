/// How a wait for a commit ended.
enum StateVerdict: Sendable, Equatable {
  /// What was counted before the wait began is on disk.
  case committed
  /// It is not on disk, and no state file is left that a restart could fall back to.
  case unprotected
  /// It is not on disk, and a restart would fall back to less, as the sentence says. The operator wants scrapes to be
  /// served nevertheless; nothing else may go on.
  case stale(String)
  /// It is not on disk, and a restart would fall back to less. The sentence says so.
  case refused(String)
}

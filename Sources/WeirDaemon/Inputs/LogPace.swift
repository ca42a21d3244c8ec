import Dispatch

/// Decides which events of one kind are logged, so that a sender that causes many of them can't fill the log:
/// one each minute.
struct LogPace {
  static let seconds = 60

  private var next: DispatchTime?
  private var notLogged = 0

  /// - Returns: How many events were not logged since the last that was; nil if this one is not, either.
  mutating func enter(at now: DispatchTime) -> Int? {
    if let next, now < next {
      notLogged += 1
      return nil
    }
    next = now + .seconds(LogPace.seconds)
    defer { notLogged = 0 }
    return notLogged
  }
}

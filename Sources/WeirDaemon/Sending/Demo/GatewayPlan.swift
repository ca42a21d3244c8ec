/// What goes wrong in the course of the demo, and when.
///
///     share of the run   0        0.1      0.2      0.3      0.4      0.5      0.6      0.7 …  1
///     rate limits                      ├──────────────────────────┤
///     errors                      ├──────────────────────────┤
///     slow                                          ├───────────────────────────────┤
///     leak                                 ├────────────────────────────────┤
///     absence                                                               ├───┤
///
/// In an hour each of the gateway's alerts fires and ends, because they wait for 5 to 10 minutes.
struct GatewayPlan {
  enum Trouble: CaseIterable {
    /// A provider answers with errors.
    case errors
    /// An endpoint is asked more than its limit allows.
    case rateLimits
    /// An instance takes more and more memory, until it dies.
    case leak
    /// A provider is slow.
    case slow
    /// The dead instance is not yet replaced.
    case absence

    /// As shares of the run.
    fileprivate var share: Range<Double> {
      switch self {
      case .errors: 0.10..<0.40
      case .rateLimits: 0.15..<0.45
      case .leak: 0.20..<0.55
      case .slow: 0.30..<0.65
      case .absence: 0.55..<0.60
      }
    }
  }

  /// How long the run takes.
  let seconds: Double

  /// When a trouble begins and ends, in seconds.
  func range(of trouble: Trouble) -> Range<Double> {
    trouble.share.lowerBound * seconds..<trouble.share.upperBound * seconds
  }

  func has(_ trouble: Trouble, at time: Double) -> Bool { range(of: trouble).contains(time) }

  /// How much of the leak has happened, from 0 to 1.
  func leak(at time: Double) -> Double {
    let range = range(of: .leak)
    let share = (time - range.lowerBound) / (range.upperBound - range.lowerBound)
    return min(1, max(0, share))
  }
}

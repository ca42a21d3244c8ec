import Synchronization

/// Whether anybody watches what arrives. Pipelines look at it once for each batch.
final class Watch: Sendable {
  struct Interests: OptionSet, Sendable {
    let rawValue: UInt8
    /// Names and senders are sampled.
    static let sampling = Interests(rawValue: 1)
    /// There are taps.
    static let taps = Interests(rawValue: 2)
  }

  private let interests = Atomic<UInt8>(0)

  var current: Interests { Interests(rawValue: interests.load(ordering: .relaxed)) }

  func set(_ interest: Interests, _ isOn: Bool) {
    if isOn {
      interests.bitwiseOr(interest.rawValue, ordering: .relaxed)
    } else {
      interests.bitwiseAnd(~interest.rawValue, ordering: .relaxed)
    }
  }
}

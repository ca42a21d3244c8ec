import WeirBytes
import WeirForwarding

/// The instance as which this Weir forwards, and its clock. Shared by the forwarder and the state on disk.
final class ForwarderInstance: Sendable {
  let number: UInt64
  let startMilliseconds: UInt64
  private let place: String
  /// The age at `readAt`.
  private let ageMilliseconds: UInt64
  private let readAt: UInt64
  /// Milliseconds of a clock that counts while the machine is suspended, too.
  private let clock: @Sendable () -> UInt64
  private let next: Locked<UInt64>

  /// - Parameter identity: A new one, or that of the state file, with the time since its commit added to its age.
  init(_ identity: ForwarderIdentity, clock: @escaping @Sendable () -> UInt64) {
    number = identity.number
    startMilliseconds = identity.startMilliseconds
    place = identity.place
    ageMilliseconds = identity.ageMilliseconds
    next = Locked(identity.nextSequence)
    self.clock = clock
    readAt = clock()
  }

  /// A new instance.
  static func fresh(
    wallMilliseconds: UInt64, place: String = "", random: UInt64 = .random(in: .min ... .max),
    clock: @escaping @Sendable () -> UInt64
  ) -> ForwarderInstance {
    ForwarderInstance(
      ForwarderIdentity(number: random, startMilliseconds: wallMilliseconds, place: place),
      clock: clock)
  }

  var age: UInt64 { ageMilliseconds &+ (clock() &- readAt) }

  /// The first frame that has not been written.
  var nextSequence: UInt64 { next.withLock { $0 } }

  /// Notes that all frames before this one may be sent after the next commit.
  func reserve(upTo sequence: UInt64) { next.withLock { $0 = max($0, sequence) } }

  /// What the state file keeps, as of now.
  var identity: ForwarderIdentity {
    ForwarderIdentity(
      number: number, startMilliseconds: startMilliseconds, nextSequence: nextSequence,
      ageMilliseconds: age, place: place)
  }
}

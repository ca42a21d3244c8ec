import WeirAggregation
import WeirBytes
import WeirPush
import WeirState

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

  /// - Parameter saved: A new instance, or that of the state file, with the time since its commit added to its age.
  init(_ saved: StateForwarder, clock: @escaping @Sendable () -> UInt64) {
    number = saved.id.number
    startMilliseconds = saved.id.startMilliseconds
    place = saved.place
    ageMilliseconds = saved.ageMilliseconds
    next = Locked(saved.nextSequence)
    self.clock = clock
    readAt = clock()
  }

  /// A new instance.
  static func fresh(
    wallMilliseconds: UInt64, place: String = "", random: UInt64 = .random(in: .min ... .max),
    clock: @escaping @Sendable () -> UInt64
  ) -> ForwarderInstance {
    ForwarderInstance(
      StateForwarder(
        id: InstanceID(number: random, startMilliseconds: wallMilliseconds), nextSequence: 1,
        place: place),
      clock: clock)
  }

  var age: UInt64 { ageMilliseconds &+ (clock() &- readAt) }

  /// The first frame that has not been written.
  var nextSequence: UInt64 { next.withLock { $0 } }

  /// Notes that all frames before this one may be sent after the next commit.
  func reserve(upTo sequence: UInt64) { next.withLock { $0 = max($0, sequence) } }

  /// Appends the block of the state file: what a restart goes on from.
  func append(to blocks: inout StateBlocks) {
    let (next, age) = (nextSequence, age)
    blocks.append(.forwarder) { payload in
      payload.append(littleEndian: number)
      payload.append(varint: startMilliseconds)
      payload.append(varint: next)
      payload.append(varint: place.utf8.count)
      payload.append(place)
      payload.append(varint: age)
    }
  }
}

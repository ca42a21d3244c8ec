import Synchronization
import WeirMetrics

/// How far back Weir's knowledge of instances goes.
///
///     before                 memory begins                          now
///     ───────────────────────┬──────────────────────────────────────┬──
///         an older instance: ├── what it gains here is new ─────────┤
///      ├── memoryAge ────────┤
///
/// An unknown instance that started before the memory begins may have told its totals to the Weir before this
/// one, or to this one, which has forgotten it. All of it is judged by how old the instance says that it is,
/// never by its clock.
final class OwnerMemory: Sendable {
  /// What is known of an instance when its first frame comes.
  struct Newcomer: Sendable, Equatable {
    /// Whether its first frames were sent to somebody else, or to nobody.
    let isHeardLate: Bool
    /// Its age where the memory begins, in milliseconds; 0 for one that is not older than the memory.
    let memoryAge: UInt64
  }

  /// An instance that started so shortly before the memory counts as one that started with it: what
  /// starts together with Weir, as in a Compose file, keeps what it counts in its first moments.
  static let graceMilliseconds: UInt64 = 10_000
  /// How much two readings of clocks in milliseconds and whole seconds may differ.
  private static let roundingMilliseconds: UInt64 = 1_000
  /// Two monotonic clocks may drift apart by as much: one part in this many, 244 ppm.
  private static let driftParts: UInt64 = 4_096

  private let olderInstances: OwnerLimits.OlderInstances
  private let forgetMilliseconds: UInt64
  /// Milliseconds since the start of Weir, those of a suspended machine included.
  private let uptime: @Sendable () -> UInt64
  /// No instance that was forgotten to make room was heard of after this, by `uptime`.
  private let forgottenUntil = Atomic<UInt64>(0)

  init(_ limits: OwnerLimits, uptime: @escaping @Sendable () -> UInt64) {
    olderInstances = limits.olderInstances
    forgetMilliseconds = UInt64(limits.forgetSeconds) * 1_000
    self.uptime = uptime
  }

  /// Notes that an instance was forgotten to make room which had been silent for so long.
  func noteForgotten(silentSeconds: UInt32) {
    // Whole seconds of a clock that may have stood still meanwhile: it was heard of before this.
    let silence = UInt64(silentSeconds == 0 ? 0 : silentSeconds - 1) * 1_000
    let now = uptime()
    forgottenUntil.max(now - min(now, silence), ordering: .relaxed)
  }

  /// What an instance is that is not known, by the age that its frame tells.
  func newcomer(ageMilliseconds age: UInt64) -> Newcomer {
    let now = uptime()
    let forgotten = max(
      now - min(now, forgetMilliseconds), forgottenUntil.load(ordering: .relaxed))
    let span = now - min(now, forgotten)
    let drift = span / OwnerMemory.driftParts
    var isOlder: Bool
    let memory: UInt64
    if forgotten == 0 {
      memory = span + drift
      isOlder = age > memory + OwnerMemory.graceMilliseconds
    } else {
      // No grace for an instance that may have been known here, because it would count twice.
      memory = span - min(span, drift + OwnerMemory.roundingMilliseconds)
      isOlder = age > memory
    }
    isOlder = isOlder && olderInstances == .baseline
    return Newcomer(isHeardLate: age > span, memoryAge: isOlder ? age - memory : 0)
  }
}

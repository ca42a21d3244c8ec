import Synchronization
import WeirMetrics

/// How far back Weir's knowledge of instances goes.
///
///     before                 memory begins                          now
///     ───────────────────────┬──────────────────────────────────────┬──
///         an older instance: ├── what it gains here is new ─────────┤
///      ├── memoryAge ────────┤
///
/// An unknown instance that started before the memory begins may have sent its totals to an earlier
/// Weir process, or to this one, which has forgotten it. This is decided by the age that the
/// instance sends, never by its clock.
final class OwnerMemory: Sendable {
  /// What is known about an instance when its first frame arrives.
  struct Newcomer: Sendable, Equatable {
    /// Whether its first frames were sent to another process, or to none.
    let isHeardLate: Bool
    /// Its age when the memory began, in milliseconds; 0 if it is not older than the memory.
    let memoryAge: UInt64
  }

  /// An instance that started this shortly before the memory counts as one that started with it.
  /// Programs that start together with Weir, as in a Compose file, keep what they count in their
  /// first moments.
  static let graceMilliseconds: UInt64 = 10_000
  /// How much two readings of clocks in milliseconds and whole seconds may differ.
  private static let roundingMilliseconds: UInt64 = 1_000
  /// Two monotonic clocks may drift apart by one part in this many: 244 ppm.
  private static let driftParts: UInt64 = 4_096

  private let olderInstances: OwnerLimits.OlderInstances
  private let forgetMilliseconds: UInt64
  /// Milliseconds since the start of Weir, including time in which the machine was suspended.
  let uptime: @Sendable () -> UInt64
  /// No instance that was forgotten to make room sent anything after this, by `uptime`.
  private let forgottenUntil = Atomic<UInt64>(0)

  init(_ limits: OwnerLimits, uptime: @escaping @Sendable () -> UInt64) {
    olderInstances = limits.olderInstances
    forgetMilliseconds = UInt64(limits.forgetSeconds) * 1_000
    self.uptime = uptime
  }

  /// What the state file keeps of it.
  var forgottenMilliseconds: UInt64 { forgottenUntil.load(ordering: .relaxed) }

  /// Restores the time that an earlier process has saved. `uptime` must continue from that process.
  func restore(forgottenMilliseconds: UInt64) {
    forgottenUntil.max(forgottenMilliseconds, ordering: .relaxed)
  }

  /// Notes that an instance was forgotten to make room, after this many seconds of silence.
  func noteForgotten(silentSeconds: UInt32) {
    // Seconds are whole, and their clock may have stood still meanwhile, so the last frame was
    // before this.
    let silence = UInt64(silentSeconds == 0 ? 0 : silentSeconds - 1) * 1_000
    let now = uptime()
    forgottenUntil.max(now - min(now, silence), ordering: .relaxed)
  }

  /// Classifies an unknown instance by the age that its frame contains.
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

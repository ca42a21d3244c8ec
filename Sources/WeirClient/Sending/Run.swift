import Dispatch
import Glibc
import Synchronization

/// The communication between a client and its flush thread.
///
/// ```
/// client                                  flush thread
///
/// requestFlush ─── wake, flag ──────────▶ pause ─▶ .due, .requested or .closing
/// waitForFlush ◀── flushesFinished ────── flushFinished
/// requestClose ─── deadline, wake ──────▶ pause ─▶ .closing
/// waitUntilClosed ◀─ done, wasAnswered ── finish
/// ```
final class Run: Sendable {
  let instance: Instance
  let process: ProcessSeries?
  private let wake = DispatchSemaphore(value: 0)
  private let done = DispatchSemaphore(value: 0)
  /// 0 until a close is requested; then its deadline in nanoseconds.
  private let closeBy = Atomic<UInt64>(0)
  private let wasAnswered = Atomic<Bool>(false)
  /// Whether a flush was requested that has not started.
  private let isFlushRequested = Atomic<Bool>(false)
  private let flushesStarted = Atomic<UInt64>(0)
  private let flushesFinished = Atomic<UInt64>(0)
  private let forks = Forks.soFar

  init(instance: Instance, process: ProcessSeries?) {
    self.instance = instance
    self.process = process
  }

  /// Whether the process has not been forked since. A fork does not copy the flush thread.
  var isOfThisProcess: Bool { forks == Forks.soFar }

  var isClosing: Bool { closeBy.load(ordering: .relaxed) != 0 }

  // Called by the client.

  /// Requests a flush. Several requests before it starts cause one flush.
  ///
  /// - Returns: The number of the flush, which includes everything recorded before this call.
  @discardableResult
  func requestFlush() -> UInt64 {
    let started = flushesStarted.load(ordering: .acquiring)
    if !isFlushRequested.exchange(true, ordering: .acquiringAndReleasing) { wake.signal() }
    return started + 1
  }

  /// Waits until the flush with this number has finished, or until the timeout.
  func waitForFlush(_ number: UInt64, timeoutNanoseconds: UInt64) {
    var left = timeoutNanoseconds / 1_000_000
    while flushesFinished.load(ordering: .acquiring) < number, !isClosing, left > 0 {
      usleep(1_000)
      left -= 1
    }
  }

  /// Requests the last frames. The deadline of the first call applies.
  func requestClose(by deadline: UInt64) {
    _ = closeBy.compareExchange(
      expected: 0, desired: max(deadline, 1), ordering: .releasing)
    wake.signal()
  }

  /// Waits until the client is closed.
  ///
  /// - Returns: Whether all frames were answered; false after the timeout.
  func waitUntilClosed(timeoutNanoseconds: UInt64) -> Bool {
    let timeout = DispatchTimeInterval.nanoseconds(Int(clamping: timeoutNanoseconds))
    guard done.wait(timeout: .now() + timeout) == .success else { return false }
    // Wakes the next waiting thread.
    done.signal()
    return wasAnswered.load(ordering: .acquiring)
  }

  // Called by the flush thread.

  /// Why a pause has ended.
  enum Wake: Equatable {
    /// The interval is over.
    case due
    /// A flush was requested.
    case requested
    /// The client is being closed, with this deadline in nanoseconds.
    case closing(by: UInt64)

    var isClosing: Bool {
      if case .closing = self { true } else { false }
    }
  }

  /// Waits until the next flush is due or requested. The flush has started when this returns.
  func pause(nanoseconds: UInt64) -> Wake {
    let wasWoken = wake.wait(timeout: .now() + .nanoseconds(Int(clamping: nanoseconds))) == .success
    flushesStarted.add(1, ordering: .acquiringAndReleasing)
    let wasRequested = isFlushRequested.exchange(false, ordering: .acquiringAndReleasing)
    // A request that came exactly at the timeout has signalled, or will. Consume that signal.
    if wasRequested && !wasWoken { wake.wait() }
    let deadline = closeBy.load(ordering: .acquiring)
    if deadline != 0 { return .closing(by: deadline) }
    return wasRequested ? .requested : .due
  }

  /// Reports that the flush after the last pause has been sent.
  func flushFinished() { flushesFinished.add(1, ordering: .acquiringAndReleasing) }

  /// Reports that the client is closed.
  func finish(answered: Bool) {
    wasAnswered.store(answered, ordering: .releasing)
    done.signal()
  }
}

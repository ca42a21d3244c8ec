import Dispatch
import Glibc
import Synchronization

/// What a client and its flushing thread say to each other.
final class Run: Sendable {
  let instance: Instance
  let process: ProcessSeries?
  private let wake = DispatchSemaphore(value: 0)
  private let done = DispatchSemaphore(value: 0)
  /// 0 while it goes on; then when patience is over.
  private let closeBy = Atomic<UInt64>(0)
  private let wasAnswered = Atomic<Bool>(false)
  /// Whether a flush was asked for that has not begun.
  private let isHurried = Atomic<Bool>(false)
  private let passesBegun = Atomic<UInt64>(0)
  private let passesFinished = Atomic<UInt64>(0)
  private let forks = Forks.soFar

  init(instance: Instance, process: ProcessSeries?) {
    self.instance = instance
    self.process = process
  }

  /// Whether there was no fork since, which leaves its thread behind.
  var isOfThisProcess: Bool { forks == Forks.soFar }

  var isClosing: Bool { closeBy.load(ordering: .relaxed) != 0 }

  // What the client says.

  /// Ends a pause between flushes; the same pause once, however often it is called.
  func hurry() {
    if !isHurried.exchange(true, ordering: .acquiringAndReleasing) { wake.signal() }
  }

  /// Asks for a flush; the number of the one that has all that was recorded before.
  func requestPass() -> UInt64 {
    let begun = passesBegun.load(ordering: .acquiring)
    hurry()
    return begun + 1
  }

  /// Waits for a flush that was asked for, at most so long.
  func waitUntilFinished(_ pass: UInt64, nanoseconds: UInt64) {
    var left = nanoseconds / 1_000_000
    while passesFinished.load(ordering: .acquiring) < pass, !isClosing, left > 0 {
      usleep(1_000)
      left -= 1
    }
  }

  /// Asks for the last frames. Who asks first says how long they may take.
  func requestClose(by deadline: UInt64) {
    _ = closeBy.compareExchange(
      expected: 0, desired: max(deadline, 1), ordering: .releasing)
    wake.signal()
  }

  /// Whether all was answered; false too when that is not known by then.
  func waitUntilClosed(nanoseconds: UInt64) -> Bool {
    let patience = DispatchTimeInterval.nanoseconds(Int(clamping: nanoseconds))
    guard done.wait(timeout: .now() + patience) == .success else { return false }
    // For whoever else waits.
    done.signal()
    return wasAnswered.load(ordering: .acquiring)
  }

  // What the thread says.

  /// Why a pause has ended.
  enum Wake: Equatable {
    case due, hurried
    /// The client ends; when patience is over.
    case closing(by: UInt64)

    var isClosing: Bool {
      if case .closing = self { true } else { false }
    }
  }

  /// Pauses before the next flush, which then begins.
  func pause(nanoseconds: UInt64) -> Wake {
    let wasWoken = wake.wait(timeout: .now() + .nanoseconds(Int(clamping: nanoseconds))) == .success
    passesBegun.add(1, ordering: .acquiringAndReleasing)
    let wasHurried = isHurried.exchange(false, ordering: .acquiringAndReleasing)
    // Whoever hurries at the moment in which the time is over signals all the same.
    if wasHurried && !wasWoken { wake.wait() }
    let deadline = closeBy.load(ordering: .acquiring)
    if deadline != 0 { return .closing(by: deadline) }
    return wasHurried ? .hurried : .due
  }

  /// The flush after the last pause has sent what it had.
  func finishPass() { passesFinished.add(1, ordering: .acquiringAndReleasing) }

  func finish(answered: Bool) {
    wasAnswered.store(answered, ordering: .releasing)
    done.signal()
  }
}

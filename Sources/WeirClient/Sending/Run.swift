import Dispatch
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
  private let forks = Forks.soFar

  init(instance: Instance, process: ProcessSeries?) {
    self.instance = instance
    self.process = process
  }

  /// Whether there was no fork since, which leaves its thread behind.
  var isOfThisProcess: Bool { forks == Forks.soFar }

  var isClosing: Bool { closeBy.load(ordering: .relaxed) != 0 }

  // What the client says.

  /// Ends a pause between flushes.
  func hurry() { wake.signal() }

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

  /// Pauses; returns when patience is over, once the client ends.
  func pause(nanoseconds: UInt64) -> UInt64? {
    _ = wake.wait(timeout: .now() + .nanoseconds(Int(clamping: nanoseconds)))
    let deadline = closeBy.load(ordering: .acquiring)
    return deadline == 0 ? nil : deadline
  }

  func finish(answered: Bool) {
    wasAnswered.store(answered, ordering: .releasing)
    done.signal()
  }
}

import Dispatch
import Glibc
import Synchronization
import Testing

@testable import WeirSockets

@Suite("A source of readiness")
struct ReadinessSourceTests {
  /// What was done before the source is cancelled.
  enum Course: CaseIterable, Sendable { case neverArmed, armed, disarmed }

  private final class Counts: Sendable {
    let ready = Atomic(0)
    let cancelled = Atomic(0)
  }

  @Test(
    "tells once that it is cancelled, in whichever state it was, and of nothing after that",
    arguments: Course.allCases)
  func cancelled(_ course: Course) async throws {
    var pair: [Int32] = [0, 0]
    try #require(pipe(&pair) == 0)
    defer { for descriptor in pair { close(descriptor) } }
    // It is ready all the time.
    try #require(write(pair[1], "x", 1) == 1)
    let queue = DispatchQueue(label: "readiness")
    let counts = Counts()
    let descriptor = pair[0]
    queue.async {
      let source = ReadinessSource(
        DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue),
        ready: { counts.ready.add(1, ordering: .relaxed) },
        cancelled: { counts.cancelled.add(1, ordering: .relaxed) })
      if course != .neverArmed { source.arm() }
      if course == .disarmed { source.disarm() }
      // The queue runs this, so that no handler has run yet.
      source.cancel()
      source.cancel()
      source.arm()
      source.disarm()
    }
    let end = ContinuousClock.now + .seconds(60)
    while counts.cancelled.load(ordering: .relaxed) == 0, ContinuousClock.now < end {
      try await Task.sleep(for: .milliseconds(5))
    }
    // What the queue still had to do is done.
    await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
      queue.async { done.resume() }
    }
    #expect(counts.cancelled.load(ordering: .relaxed) == 1)
    #expect(counts.ready.load(ordering: .relaxed) == 0)
  }
}

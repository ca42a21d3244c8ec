import Testing
import WeirBytes

@testable import WeirDaemon

@Suite("Whether an operation ends in time", .timeLimit(.minutes(1)))
struct DeadlineTests {
  @Test("What it says counts if it ends before", arguments: [false, true])
  func ends(_ result: Bool) async {
    #expect(await isTrue(before: .now + .seconds(3_600)) { result } == result)
  }

  @Test("One that never ends is not waited for, and what it says later is ignored")
  func never() async {
    let waiter = Locked<CheckedContinuation<Void, Never>?>(nil)
    let isInTime = await isTrue(before: .now + .milliseconds(20)) {
      await withCheckedContinuation { continuation in waiter.withLock { $0 = continuation } }
      return true
    }
    #expect(!isInTime)
    waiter.withLock { $0 }?.resume()
  }
}

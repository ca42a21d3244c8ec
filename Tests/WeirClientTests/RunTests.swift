import Testing

@testable import WeirClient

@Suite("What a client and its thread say to each other")
struct RunTests {
  private let run = Run(instance: Instance(drawnFrom: Environment()), process: nil)
  private let minute: UInt64 = 60_000_000_000

  @Test func `a flush that is asked for many times at once is one`() {
    for _ in 0..<100 { run.hurry() }
    #expect(run.pause(nanoseconds: minute) == .hurried)
    #expect(run.pause(nanoseconds: 1_000_000) == .due)
    // And another that is asked for later is another.
    run.hurry()
    #expect(run.pause(nanoseconds: minute) == .hurried)
    #expect(run.pause(nanoseconds: 1_000_000) == .due)
  }

  @Test func `the first deadline of two closes holds`() {
    run.requestClose(by: 700)
    run.requestClose(by: 900)
    run.requestClose(by: 500)
    #expect(run.pause(nanoseconds: minute) == .closing(by: 700))
    #expect(run.isClosing)
  }

  @Test func `a close ends a pause though a flush was asked for too`() {
    run.hurry()
    run.requestClose(by: 700)
    #expect(run.pause(nanoseconds: minute) == .closing(by: 700))
  }

  @Test func `a flush that was asked for is the next to begin`() {
    #expect(run.requestPass() == 1)
    #expect(run.pause(nanoseconds: minute) == .hurried)
    // The first is under way, and may have missed what was recorded last.
    #expect(run.requestPass() == 2)
    run.finishPass()
    #expect(run.pause(nanoseconds: minute) == .hurried)
    run.finishPass()
    run.waitUntilFinished(2, nanoseconds: .max)
  }
}

@Suite("Words that threads share")
struct AtomicWordsTests {
  @Test func `one that was locked before a fork is free after it`() {
    let words = AtomicWords(count: 8)
    var locked = [words.lock(0, after: 4), words.lock(0, after: 4)]
    #expect(locked == [true, false])
    // In the child, whose parent's other threads are not there to give it back.
    locked = [words.lock(0, after: 5), words.lock(0, after: 5)]
    #expect(locked == [true, false])
    words.unlock(0)
    locked = [words.lock(0, after: 5)]
    #expect(locked == [true])
  }
}

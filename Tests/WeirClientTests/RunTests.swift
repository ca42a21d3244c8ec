import Testing

@testable import WeirClient

@Suite("The communication of a client with its thread")
struct RunTests {
  private let run = Run(instance: Instance(drawnFrom: Environment()), process: nil)
  private let minute: UInt64 = 60_000_000_000

  @Test func `several requests before a flush cause one flush`() {
    for _ in 0..<100 { run.requestFlush() }
    #expect(run.pause(nanoseconds: minute) == .requested)
    #expect(run.pause(nanoseconds: 1_000_000) == .due)
    // A later request causes another flush.
    run.requestFlush()
    #expect(run.pause(nanoseconds: minute) == .requested)
    #expect(run.pause(nanoseconds: 1_000_000) == .due)
  }

  @Test func `the deadline of the first close applies`() {
    run.requestClose(by: 700)
    run.requestClose(by: 900)
    run.requestClose(by: 500)
    #expect(run.pause(nanoseconds: minute) == .closing(by: 700))
    #expect(run.isClosing)
  }

  @Test func `a close takes precedence over a requested flush`() {
    run.requestFlush()
    run.requestClose(by: 700)
    #expect(run.pause(nanoseconds: minute) == .closing(by: 700))
  }

  @Test func `a request returns the number of the next flush to start`() {
    #expect(run.requestFlush() == 1)
    #expect(run.pause(nanoseconds: minute) == .requested)
    // The first flush has started and may not include the latest values.
    #expect(run.requestFlush() == 2)
    run.flushFinished()
    #expect(run.pause(nanoseconds: minute) == .requested)
    run.flushFinished()
    run.waitForFlush(2, timeoutNanoseconds: .max)
  }
}

@Suite("Atomic words")
struct AtomicWordsTests {
  @Test func `a lock taken before a fork is free after it`() {
    let words = AtomicWords(count: 8)
    var locked = [words.lock(at: 0, after: 4), words.lock(at: 0, after: 4)]
    #expect(locked == [true, false])
    // In the child process, the thread that took the lock does not exist.
    locked = [words.lock(at: 0, after: 5), words.lock(at: 0, after: 5)]
    #expect(locked == [true, false])
    words.unlock(at: 0)
    locked = [words.lock(at: 0, after: 5)]
    #expect(locked == [true])
  }
}

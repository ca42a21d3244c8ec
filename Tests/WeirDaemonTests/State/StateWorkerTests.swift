import Testing
import WeirBytes
import WeirState

@testable import WeirDaemon

/// Jobs whose generation ends while they run.
@Suite("A worker", .timeLimit(.minutes(1)))
struct StateWorkerTests {
  private let disk = FakeDisk()
  private let count = FakeSource.Count()
  private let worker: StateWorker

  init() throws {
    worker = StateWorker(source: FakeSource(count), disk: FakeStateDisk(disk))
    _ = try worker.writeFirst()
    disk.forgetCalls()
  }

  /// Begins a job, and waits for its end.
  ///
  /// - Parameter during: Called while the job runs.
  private func run(
    _ job: StateWorker.Job, generation: UInt64 = 1, during: () -> Void = {}
  ) async -> StateWorker.JobEnd {
    let (ends, end) = AsyncStream.makeStream(of: StateWorker.JobEnd.self)
    worker.begin(job, generation: generation) {
      end.yield($0)
      end.finish()
    }
    during()
    for await end in ends { return end }
    return .failed("there was no end")
  }

  private func isDone(_ end: StateWorker.JobEnd) -> Bool {
    if case .done = end { true } else { false }
  }

  @Test("does nothing in a generation that is over")
  func over() async {
    worker.generation.set(2)
    #expect(await !isDone(run(.commit)))
    #expect(!disk.calls.contains(.commit))
  }

  @Test("does not publish when its generation has ended while the new file was written to disk")
  func publishes() async {
    #expect(await isDone(run(.rebuild)))
    let hang = disk.hang(.sync)
    let end = await run(.republish) {
      hang.waitUntilReached()
      worker.generation.set(2)
      hang.letGo()
    }
    #expect(!isDone(end))
    #expect(!disk.calls.contains(.publish))
    #expect(disk.published == 0 && !disk.hasTemporary)
  }

  @Test("says that a job has failed that ended after its generation, and closes the file")
  func late() async {
    let hang = disk.hang(.commit)
    let end = await run(.commit) {
      hang.waitUntilReached()
      worker.generation.set(2)
      hang.letGo()
    }
    #expect(!isDone(end))
    #expect(await !isDone(run(.commit, generation: 2)), "the file was closed")
    // A new one can be written.
    #expect(await isDone(run(.rebuild, generation: 2)))
    #expect(await isDone(run(.republish, generation: 2)))
    #expect(await isDone(run(.commit, generation: 2)))
  }

  @Test("writes no more to a file that a commit has failed at")
  func failed() async {
    disk.fail(.commit, "no space left on device")
    #expect(await !isDone(run(.commit)))
    disk.fail(.commit, nil)
    _ = count.add()
    #expect(await !isDone(run(.commit)))
    #expect(disk.published == 0)
  }

  @Test("closes the file after a slice whose generation has ended, and only then")
  func slices() async {
    disk.fail(.append, "no space left on device")
    #expect(await !isDone(run(.slice(isFirst: true))))
    disk.fail(.append, nil)
    #expect(await isDone(run(.commit)))
    let hang = disk.hang(.append)
    let end = await run(.slice(isFirst: true)) {
      hang.waitUntilReached()
      worker.generation.set(2)
      hang.letGo()
    }
    #expect(!isDone(end))
    #expect(await !isDone(run(.commit, generation: 2)))
    #expect(!disk.hasTemporary)
  }
}

import Foundation
import Testing

/// Runs tests that block on threads of their own. Swift's pool has only one for each core.
struct OnThreads: SuiteTrait, TestTrait, TestScoping {
  var isRecursive: Bool { true }

  func provideScope(
    for test: Test, testCase: Test.Case?, performing body: @Sendable () async throws -> Void
  ) async throws {
    try await withTaskExecutorPreference(TestThreads.shared) { try await body() }
  }
}

extension Trait where Self == OnThreads {
  static var onThreads: OnThreads { OnThreads() }
}

private final class TestThreads: TaskExecutor {
  /// More would make the slowest of them time out on a small machine.
  private static let threadsMax = 6

  static let shared = TestThreads()

  private let free = DispatchSemaphore(value: threadsMax)

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    Thread { [self] in
      free.wait()
      job.runSynchronously(on: asUnownedTaskExecutor())
      free.signal()
    }.start()
  }
}

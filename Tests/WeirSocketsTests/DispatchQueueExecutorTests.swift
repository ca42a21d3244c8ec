import Dispatch
import Testing

@testable import WeirSockets

struct DispatchQueueExecutorTests {
  actor Counter {
    private let executor = DispatchQueueExecutor(label: "weir.test")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    nonisolated var queue: DispatchQueue { executor.queue }
    private(set) var count = 0

    func add() {
      dispatchPrecondition(condition: .onQueue(executor.queue))
      count += 1
    }

    nonisolated func addFromHandler() {
      assumeIsolated { $0.add() }
    }
  }

  @Test func `tasks and the queue's handlers run one at a time`() async {
    let counter = Counter()
    await withTaskGroup { group in
      for _ in 0..<500 {
        group.addTask { await counter.add() }
        counter.queue.async { counter.addFromHandler() }
      }
    }
    await withCheckedContinuation { done in counter.queue.async { done.resume() } }
    #expect(await counter.count == 1_000)
  }
}

// Safety: every actor holds a reference to its executor, so the executor outlives its jobs. Each
// job runs exactly once, on the queue.

import Dispatch

/// Runs an actor's jobs on a serial queue, so that Dispatch sources can call the actor directly.
///
/// The actor returns `asUnownedSerialExecutor()` as its `unownedExecutor`, and its sources target
/// `queue`. Their handlers then enter the actor with `assumeIsolated`, without a task or a change
/// of thread.
package final class DispatchQueueExecutor: SerialExecutor {
  package let queue: DispatchQueue

  package init(label: String, qos: DispatchQoS = .unspecified) {
    queue = DispatchQueue(label: label, qos: qos)
  }

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async {
      unsafe job.runSynchronously(on: self.asUnownedSerialExecutor())
    }
  }

  /// Returns when the queue has run a block, after those that wait in it. It never does if the queue hangs.
  package func answer() async {
    await withCheckedContinuation { answered in
      queue.async { answered.resume() }
    }
  }

  package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    unsafe UnownedSerialExecutor(ordinary: self)
  }

  /// Ends the program if it is not called on the queue.
  package func checkIsolated() {
    dispatchPrecondition(condition: .onQueue(queue))
  }
}

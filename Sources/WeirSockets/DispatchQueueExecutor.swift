// Safety: the executor lives as long as any actor that it serves, for the actor holds it; a job is
// run exactly once, on the queue.

import Dispatch

/// Runs an actor's work on a serial queue, so that its Dispatch sources may call it directly.
///
/// An actor that returns `asUnownedSerialExecutor()` as its `unownedExecutor`, and whose sources
/// target `queue`, enters itself from a handler by `assumeIsolated`, without a task or a hop.
package final class DispatchQueueExecutor: SerialExecutor {
  /// The serial queue on which the actor's work runs.
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

  package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    unsafe UnownedSerialExecutor(ordinary: self)
  }

  /// Stops the program unless it is called on the queue.
  package func checkIsolated() {
    dispatchPrecondition(condition: .onQueue(queue))
  }
}

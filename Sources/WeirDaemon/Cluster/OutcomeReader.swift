// Safety: the actor holds the executor that it names, so that the unowned reference never dangles.

import WeirSockets

/// Waits for what becomes of messages that were posted.
actor OutcomeReader {
  /// Waiting blocks, so this queue does nothing else.
  private nonisolated let executor = DispatchQueueExecutor(label: "weir.cluster.outcomes")
  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  private let hop: LogHop

  init(_ hop: LogHop) { self.hop = hop }

  /// Runs until its task is cancelled.
  func run() async {
    while !Task.isCancelled {
      hop.readOutcomes()
      await Task.yield()
    }
  }
}

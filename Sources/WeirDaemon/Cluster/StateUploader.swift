// Safety: the actor holds the executor that it names, so that the unowned reference never dangles.

import WeirCluster
import WeirSockets

/// Puts states into the store of the cluster, and trims its log.
actor StateUploader {
  /// Both block for as long as the servers do, so this queue does nothing else.
  private nonisolated let executor = DispatchQueueExecutor(label: "weir.cluster.states")
  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  private static let trimMilliseconds = 10_000

  private let states: ClusterStates
  private let log: any OrderedLog

  init(_ states: ClusterStates, _ log: any OrderedLog) {
    self.states = states
    self.log = log
  }

  /// - Returns: The message after which the log is needed.
  func put(_ bytes: [UInt8], sequence: UInt64) throws(LogFailure) -> UInt64 {
    try states.put(bytes, sequence: sequence)
  }

  func trim(through sequence: UInt64) throws(LogFailure) {
    try log.trim(through: sequence, milliseconds: StateUploader.trimMilliseconds)
  }
}

// Safety: the actor holds the executor that it names, so that the unowned reference never dangles.

import WeirCluster
import WeirSockets

/// Asks the servers now and then how much the log has, and when the newest state was stored. What they answer is
/// shown by metrics, findings and pages, so that no scrape has to ask.
actor ClusterWatch {
  /// The servers may take their time, so this queue does nothing else.
  private nonisolated let executor = DispatchQueueExecutor(label: "weir.cluster.watch")
  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  static let intervalMilliseconds = 10_000
  static let timeoutMilliseconds = 5_000
  /// The store is asked each time that the log was asked so often. What nodes say in the log is known at once.
  static let looksPerState = 6

  private let log: any OrderedLog
  private let states: ClusterStates
  private let meter: ClusterMeter
  private var looks = 0

  init(_ log: any OrderedLog, _ states: ClusterStates, _ meter: ClusterMeter) {
    self.log = log
    self.states = states
    self.meter = meter
  }

  /// Runs until its task is cancelled.
  func run() async {
    repeat {
      look()
    } while (try? await Task.sleep(for: .milliseconds(ClusterWatch.intervalMilliseconds))) != nil
  }

  /// Asks once. Without an answer what is known stays.
  func look() {
    if let bounds = try? log.bounds(milliseconds: ClusterWatch.timeoutMilliseconds) {
      meter.update {
        $0.logBytes = bounds.bytes
        $0.logBytesMax = bounds.bytesMax
      }
    }
    let noted = states.notedMilliseconds
    var stored: UInt64?
    if looks % ClusterWatch.looksPerState == 0 { stored = try? states.newestMilliseconds() }
    // A look without an answer is made up for by the next one.
    looks += looks % ClusterWatch.looksPerState == 0 && stored == nil ? 0 : 1
    meter.update { $0.stateMilliseconds = max($0.stateMilliseconds, noted, stored ?? 0) }
  }
}

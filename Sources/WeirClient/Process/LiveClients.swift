import Glibc
import Synchronization

/// The open clients of this process. They are closed when the process exits. Their locks are held
/// during a fork, so that the protected values are consistent in the child process.
final class LiveClients: Sendable {
  static let shared = LiveClients()

  private struct State: Sendable {
    var cores: [Core] = []
    /// The CPU time of this process that closed clients have reported, by server. The server has
    /// counted it, so later clients must not report it again.
    var cpuReported: [String: ProcessCPU] = [:]
  }

  private let state = ForkGuarded(State())
  /// The value of `Forks.soFar` when a client was last started or restarted.
  private let forksServed = Atomic<UInt64>(0)

  private init() {
    pthread_atfork(
      { LiveClients.shared.atFork(.before) }, { LiveClients.shared.atFork(.after) },
      {
        Forks.countOne()
        LiveClients.shared.atFork(.after)
      })
    atexit { LiveClients.shared.closeAll() }
  }

  func insert(_ core: Core) {
    let isForked = forksServed.exchange(Forks.soFar, ordering: .relaxed) != Forks.soFar
    state.withLock { state in
      // The CPU time of a child process starts at 0.
      if isForked { state.cpuReported = [:] }
      state.cores.removeAll { $0 === core }
      state.cores.append(core)
      SignalWatch.install(core.settings.signals)
    }
  }

  /// - Parameter cpuReported: The CPU time that the client has reported; nil if it does not report
  ///   the process.
  func remove(_ core: Core, cpuReported: ProcessCPU?) {
    state.withLock { state in
      state.cores.removeAll { $0 === core }
      if let cpuReported {
        state.cpuReported[core.settings.server, default: ProcessCPU()] += cpuReported
      }
    }
  }

  /// The CPU time that closed clients have reported. Nil if another client reports this process to
  /// the same server, because the server would add both up.
  func cpuReported(before core: Core) -> ProcessCPU? {
    state.withLock { state in
      let server = core.settings.server
      let first = state.cores.first {
        $0.settings.collectsProcessMetrics && $0.settings.server == server
          && $0.run.isOfThisProcess
      }
      return first === core ? state.cpuReported[server] ?? ProcessCPU() : nil
    }
  }

  /// Closes all clients in parallel, and waits for each up to its `exitTimeout`.
  func closeAll() {
    let cores = ofThisProcess
    for core in cores { core.requestClose(within: core.settings.exitNanoseconds) }
    for core in cores { _ = core.waitUntilClosed(within: core.settings.exitNanoseconds) }
  }

  /// Flushes all clients in parallel, and waits for each up to its `exitTimeout`.
  func flushAll() {
    let flushes = ofThisProcess.map { ($0, $0.run.requestFlush()) }
    for (core, flush) in flushes {
      core.run.waitForFlush(flush, timeoutNanoseconds: core.settings.exitNanoseconds)
    }
  }

  /// The clients that run in this process. In a child process without a restarted client, the lock
  /// is not taken.
  private var ofThisProcess: [Core] {
    guard Forks.soFar == forksServed.load(ordering: .relaxed) else { return [] }
    return state.withLock { $0.cores }.filter { $0.settings.exitNanoseconds > 0 }
  }

  enum ForkStep { case before, after }

  /// One function for all three handlers, so that the child process runs no code for the first
  /// time.
  private func atFork(_ step: ForkStep) {
    if step == .before { state.lock() }
    for core in state.withLockHeld({ $0.cores }) { core.atFork(step) }
    if step == .after { state.unlock() }
  }
}

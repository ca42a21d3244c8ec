import Glibc
import Synchronization

/// The clients of this process that are not closed: they are flushed when it ends, and their locks are
/// held while it forks, so that what these guard is whole in the child.
final class LiveClients: Sendable {
  static let shared = LiveClients()

  private struct State: Sendable {
    var cores: [Core] = []
    /// The CPU time of this process that clients which are closed have told, by server: it is counted
    /// there, and whoever tells of the process after them must not tell it again.
    var cpuTold: [String: ProcessCPU] = [:]
  }

  private let state = ForkGuarded(State())
  /// The forks after which a client was begun, or begun anew.
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
      // The CPU time of the child of a fork begins at 0.
      if isForked { state.cpuTold = [:] }
      state.cores.removeAll { $0 === core }
      state.cores.append(core)
      SignalWatch.install(core.settings.signals)
    }
  }

  /// - Parameter told: The CPU time that it has told, where it tells of the process.
  func remove(_ core: Core, told: ProcessCPU?) {
    state.withLock { state in
      state.cores.removeAll { $0 === core }
      if let told { state.cpuTold[core.settings.server, default: ProcessCPU()] += told }
    }
  }

  /// The CPU time that others have told before; nil where another client tells the same server of this
  /// process. Two would be added up there.
  func cpuTold(before core: Core) -> ProcessCPU? {
    state.withLock { state in
      let server = core.settings.server
      let first = state.cores.first {
        $0.settings.collectsProcessMetrics && $0.settings.server == server
          && $0.run.isOfThisProcess
      }
      return first === core ? state.cpuTold[server] ?? ProcessCPU() : nil
    }
  }

  /// Lets every client send its last frames at once, and waits for each as long as it may take.
  func closeAll() {
    let cores = ofThisProcess
    for core in cores { core.requestClose(within: core.settings.exitNanoseconds) }
    for core in cores { _ = core.waitUntilClosed(within: core.settings.exitNanoseconds) }
  }

  /// Lets every client flush at once, and waits for each as long as its end may take.
  func flushAll() {
    let passes = ofThisProcess.map { ($0, $0.run.requestPass()) }
    for (core, pass) in passes {
      core.run.waitUntilFinished(pass, nanoseconds: core.settings.exitNanoseconds)
    }
  }

  /// In the child of a fork there may be none, nor a way to ask.
  private var ofThisProcess: [Core] {
    guard Forks.soFar == forksServed.load(ordering: .relaxed) else { return [] }
    return state.withLock { $0.cores }.filter { $0.settings.exitNanoseconds > 0 }
  }

  enum ForkStep { case before, after }

  /// One way for all three handlers, so that the child meets nothing that the parent has not met.
  private func atFork(_ step: ForkStep) {
    if step == .before { state.lock() }
    for core in state.withLockHeld({ $0.cores }) { core.atFork(step) }
    if step == .after { state.unlock() }
  }
}

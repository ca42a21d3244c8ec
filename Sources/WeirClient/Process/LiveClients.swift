import Glibc
import Synchronization

/// The clients of this process that are not closed: they are flushed when it ends, and their locks are
/// held while it forks, so that what these guard is whole in the child.
final class LiveClients: Sendable {
  static let shared = LiveClients()

  private let cores = ForkGuarded<[Core]>([])
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
    forksServed.store(Forks.soFar, ordering: .relaxed)
    cores.withLock { cores in
      cores.removeAll { $0 === core }
      cores.append(core)
    }
  }

  func remove(_ core: Core) {
    cores.withLock { cores in cores.removeAll { $0 === core } }
  }

  /// Lets every client send its last frames at once, and waits for each as long as it may take.
  private func closeAll() {
    // In the child of a fork there may be nothing to close, nor a way to ask.
    guard Forks.soFar == forksServed.load(ordering: .relaxed) else { return }
    let cores = cores.withLock { $0 }.filter { $0.settings.exitNanoseconds > 0 }
    for core in cores { core.requestClose(within: core.settings.exitNanoseconds) }
    for core in cores { _ = core.waitUntilClosed(within: core.settings.exitNanoseconds) }
  }

  enum ForkStep { case before, after }

  /// One way for all three handlers, so that the child meets nothing that the parent has not met.
  private func atFork(_ step: ForkStep) {
    if step == .before { cores.lock() }
    for core in cores.withLockHeld({ $0 }) { core.atFork(step) }
    if step == .after { cores.unlock() }
  }
}

import Glibc

/// The clients of this process that are not closed: they are flushed when it ends, and begun anew in the
/// child when it forks.
final class LiveClients: Sendable {
  static let shared = LiveClients()

  private let cores = ForkGuarded<[Core]>([])

  private init() {
    pthread_atfork(
      { LiveClients.shared.prepareFork() }, { LiveClients.shared.finishFork(inChild: false) },
      { LiveClients.shared.finishFork(inChild: true) })
    atexit { LiveClients.shared.closeAll() }
  }

  func insert(_ core: Core) {
    cores.withLock { $0.append(core) }
  }

  func remove(_ core: Core) {
    cores.withLock { cores in cores.removeAll { $0 === core } }
  }

  /// Lets every client send its last frames at once, and waits for each as long as it may take.
  private func closeAll() {
    let cores = cores.withLock { $0 }.filter { $0.settings.exitNanoseconds > 0 }
    for core in cores { core.requestClose(within: core.settings.exitNanoseconds) }
    for core in cores { _ = core.waitUntilClosed(within: core.settings.exitNanoseconds) }
  }

  /// Takes all locks, so that what they guard is whole in the child.
  private func prepareFork() {
    cores.lock()
    for core in cores.withLockHeld({ $0 }) { core.prepareFork() }
  }

  private func finishFork(inChild: Bool) {
    for core in cores.withLockHeld({ $0 }) { core.finishFork(inChild: inChild) }
    cores.unlock()
  }
}

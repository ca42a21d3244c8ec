// Safety: the actor holds the executor that it names, so that the unowned reference never dangles.

import Dispatch
import Glibc
import WeirSockets

/// Answers `weir health`: one line to each process of the same user that connects, and nothing to
/// processes of other users.
actor HealthService {
  /// Answers in flight at once: each has a descriptor until it is sent.
  static let answersMax = 64

  private nonisolated let executor = DispatchQueueExecutor(label: "weir.health")
  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  private let log: Log
  /// Whether the server answers requests; called for each answer, so a server that hangs gives
  /// none.
  private let isServing: @Sendable () async -> Bool
  private var sources: [any DispatchSourceRead] = []
  private var isStopping = false
  private var answers = 0

  init(log: Log, isServing: @escaping @Sendable () async -> Bool) {
    self.log = log
    self.isServing = isServing
  }

  /// Listens under the name of each address. A name that is taken is skipped, and logged.
  func start(_ addresses: [SocketAddress]) {
    for address in addresses {
      do {
        listen(try LocalSocket.listen(HealthName.of(address)))
      } catch {
        log.warn(
          "weir health cannot find this weir",
          ["address": .text(address.description), "error": .text("\(error)")])
      }
    }
  }

  /// Answers from now on that Weir is stopping.
  func answerStopping() { isStopping = true }

  /// Stops listening.
  func end() {
    for source in sources { source.cancel() }
    sources = []
  }

  private func listen(_ socket: LocalSocket) {
    let source = DispatchSource.makeReadSource(
      fileDescriptor: socket.descriptor.raw, queue: executor.queue)
    source.setEventHandler { [weak self] in self?.assumeIsolated { $0.answer(socket) } }
    source.setCancelHandler { withExtendedLifetime(socket) {} }
    source.activate()
    sources.append(source)
  }

  private func answer(_ socket: LocalSocket) {
    while let peer = socket.accept() {
      // The connection of another user is closed.
      guard (try? peer.peerUser()) == geteuid() else { continue }
      guard answers < Self.answersMax else {
        peer.send(HealthCheck.busy)
        continue
      }
      answers += 1
      Task {
        let isServing = await isServing()
        peer.send(isServing && !isStopping ? HealthCheck.ready : HealthCheck.stopping)
        answers -= 1
      }
    }
  }
}

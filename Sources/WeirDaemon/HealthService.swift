// Safety: the actor holds the executor that it names, so that the unowned reference never dangles.

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
  private var listener: LocalListener
  private var isStopping = false
  private var answers = 0

  init(log: Log, isServing: @escaping @Sendable () async -> Bool) {
    self.log = log
    listener = LocalListener(on: executor.queue)
    self.isServing = isServing
  }

  /// Listens under the name of each address. A name that is taken is skipped, and logged.
  func start(_ addresses: [SocketAddress]) {
    listener.start(addresses, name: HealthName.of, command: "weir health", log: log) {
      [weak self] peer in
      self?.assumeIsolated { $0.serve(peer) }
    }
  }

  /// Answers from now on that Weir is stopping.
  func answerStopping() { isStopping = true }

  /// Stops listening.
  func end() { listener.end() }

  private func serve(_ peer: LocalSocket) {
    guard answers < Self.answersMax else { return peer.send(HealthCheck.busy) }
    answers += 1
    Task {
      let isServing = await isServing()
      peer.send(isServing && !isStopping ? HealthCheck.ready : HealthCheck.stopping)
      answers -= 1
    }
  }
}

import WeirHTTP

/// Tells the service manager that the daemon is alive, as long as it is: every queue that receives or serves has
/// to answer first. If one of them hangs, no message is sent, and the manager restarts the process.
struct Watchdog: Sendable {
  /// The time between two messages. So the queues have half of the manager's time to answer.
  let interval: Duration
  /// Each returns when a queue has answered.
  let checks: [@Sendable () async -> Void]
  let tell: @Sendable () -> Void

  /// Nil where no manager wants such messages.
  ///
  /// - Parameter receiving: Each returns when the queue of a receiver has answered.
  init?(
    _ service: ServiceManager?, receiving: [@Sendable () async -> Void], server: HTTPServer
  ) {
    guard let service, let limit = service.watchdog else { return nil }
    let serving: @Sendable () async -> Void = { _ = await server.isServing }
    self.init(limit: limit, checks: receiving + [serving], tell: { service.alive() })
  }

  /// - Parameter limit: The time after which the manager gives up.
  init(
    limit: Duration, checks: [@Sendable () async -> Void], tell: @escaping @Sendable () -> Void
  ) {
    interval = limit / 2
    self.checks = checks
    self.tell = tell
  }

  /// Runs until its task is cancelled.
  func run() async {
    while true {
      for check in checks { await check() }
      tell()
      do {
        try await Task.sleep(for: interval)
      } catch {
        return
      }
    }
  }
}

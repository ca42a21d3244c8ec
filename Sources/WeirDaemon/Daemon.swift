import Glibc
import WeirAggregation
import WeirConfiguration
import WeirHTTP
import WeirSockets

/// The whole server, from options to the last answer.
package struct Daemon: Sendable {
  /// How long answers in progress have to reach their readers when Weir stops.
  static let graceSeconds = 5.0

  private let log: Log
  private let sockets: DatagramListeners
  private let server: HTTPServer
  private let reloads: Reloads
  private let stopRequest = StopRequest()
  private let expiry: ExpiryTimer
  /// Nil without a state on disk.
  private let keeper: StateKeeper?
  private let startReport: StartReport
  /// Nil where nothing is forwarded.
  private let forwarding: Forwarding?
  private let forgetter: Forgetter

  /// Binds every address, or none; nothing is received or answered until `run`.
  ///
  /// - Throws: `StartError`, one sentence for the operator.
  package init(options: Options, log: Log) throws(StartError) {
    self.log = log
    try DescriptorBudget.check(options)
    let counting = try Counting(options, log: log)
    let (aggregator, pushed) = (counting.aggregator, counting.pushed)
    expiry = ExpiryTimer(
      aggregator: aggregator, owners: pushed.owners, startSecond: counting.startSecond)
    let keeper = counting.keeper
    self.keeper = keeper
    let refused = RefusedLines()
    sockets = try DatagramListeners(
      options.statsd, aggregator: aggregator, pushed: pushed, refused: refused,
      keeper: keeper, log: log)
    let addresses = sockets.listeners.map(\.address)
    forwarding = try counting.beginning.map { beginning throws(StartError) in
      try Forwarding(
        beginning, aggregator: aggregator, listeners: addresses,
        state: keeper.map { ForwardState($0) } ?? ForwardState(), log: log)
    }
    let security = HTTPSecurity(options.web)
    let files = try ReloadedFiles(
      options, security: security, keyring: pushed.keyring, log: log)
    reloads = Reloads(files.items, log: log)
    let counters = HTTPCounters()
    let status = StatusReader(
      aggregator: aggregator, listeners: sockets.listeners, pushed: pushed, refused: refused,
      http: counters, files: files, keeper: keeper, log: log)
    forgetter = Forgetter(
      owners: pushed.owners, log: log,
      refusal: Forwarding.refusalToForget(options.forward))
    let pages = Pages(
      status: status,
      scraper: Scraper(
        aggregator: aggregator, status: status, keeper: keeper,
        writesCreated: options.web.writesCreated,
        showsSeries: options.forward.target == nil || options.forward.exposes),
      push: PushPage(pushed, refused: refused, keeper: keeper, log: log, now: Log.wallClock),
      lifecycle: Lifecycle(
        isEnabled: options.web.enablesLifecycle, reloads: reloads, stop: stopRequest),
      forget: ForgetPage(isEnabled: options.web.enablesLifecycle, forgetter: forgetter),
      telemetryPaths: options.web.telemetryPaths)
    server = try HTTPServer.bind(
      options.web, router: pages.router(), counters: counters, security: security, log: log)
    startReport = StartReport(
      listeners: sockets.listeners, options: options.statsd, keepsState: keeper != nil, log: log)
    // After all sockets are bound, so that the kernel keeps what arrives until `run`, and that a start which
    // fails leaves the old file as it is.
    try counting.begin()
  }

  /// Serves until SIGTERM, SIGINT or `/-/quit`, then applies what has been received, answers the
  /// requests that have been received, and returns.
  package func run() async {
    // A reader of the log or of a scrape that disconnects is no reason to stop.
    signal(SIGPIPE, SIG_IGN)
    let stop = await StopSignal(stopRequest)
    let hangup = await HangupSignal { Task { await reloads.reload(because: "SIGHUP") } }
    for receiver in sockets.receivers { await receiver.start() }
    await server.start()
    let health = HealthService(log: log) { [server] in await server.isServing }
    await health.start(server.boundAddresses)
    let forgetting = ForgetService(log: log, forgetter: forgetter)
    await forgetting.start(server.boundAddresses)
    startReport.write(served: server.boundAddresses)
    forwarding?.report()
    let drops = DropWatch(
      listeners: sockets.listeners, askedBufferBytes: startReport.askedBufferBytes, log: log)
    let timers: [Task<Void, Never>] = [
      Task { await drops.run() }, Task { await expiry.run() }, Task { await reloads.run() },
      Task { [forwarding] in await forwarding?.run() },
    ]
    log.info("stopping", ["signal": .text(await stop.first())])
    await health.answerStopping()
    hangup.cancel()
    for timer in timers { timer.cancel() }
    await withTaskGroup { group in
      for receiver in sockets.receivers { group.addTask { await receiver.stop() } }
    }
    await forwarding?.finish()
    await drops.look()
    let ingested = sockets.listeners.map(\.totals).reduce(into: IngestTotals()) { $0.add($1) }
    await server.stop(graceSeconds: Daemon.graceSeconds)
    await commitLast()
    await health.end()
    await forgetting.end()
    log.info(
      "stopped", ["datagrams": .init(ingested.datagrams), "lines": .init(ingested.lines)])
  }

  /// Commits what was received until the end.
  private func commitLast() async {
    switch await keeper?.stop() {
    case .committed: log.info("the state is saved")
    case .unprotected:
      log.error("the state is not saved, so counters begin at 0 at the next start")
    case .stale(let sentence), .refused(let sentence):
      log.error(
        "the last state is not saved, so counters may step back at the next start",
        ["error": .text(sentence)])
    case nil: break
    }
  }
}

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
  private let inputs: Inputs
  private let server: HTTPServer
  private let statsd: StatsDPage
  private let reloads: Reloads
  private let stopRequest = StopRequest()
  private let expiry: ExpiryTimer
  /// Nil without a state on disk.
  private let keeper: StateKeeper?
  private let startReport: StartReport
  /// Nil where nothing is forwarded.
  private let forwarding: Forwarding?
  /// Nil where this Weir is no node of a cluster.
  private let cluster: Cluster?
  /// Nil where lines are not relayed.
  private let relay: LineRelay?
  /// Nil where nothing is pushed to CloudWatch.
  private let cloudWatch: CloudWatch?
  private let forgetter: Forgetter
  /// Nil where no service manager wants to know.
  private let service: ServiceManager?
  /// Nil where nobody can ask.
  private let insight: Insight?
  private let traffic: Traffic
  private let taps: TapDesk
  private let hosts: HostRule

  /// Binds every address, or none; nothing is received or answered until `run`.
  ///
  /// - Parameter flags: Those that differ from their defaults, for the page.
  /// - Throws: `StartError`, one sentence for the operator.
  package init(options: Options, flags: [ChangedFlag] = [], log: Log) throws(StartError) {
    self.log = log
    HangupSignal.hold()
    let service = ServiceManager.take(log: log)
    self.service = service
    let handed = try HandedInputs.fromEnvironment()
    var options = options
    handed.replaceListeners(of: &options)
    try DescriptorBudget.check(options, handed)
    let mapping = try options.statsd.mappingFile.map { [options] file throws(StartError) in
      try startStep { () throws(FileMistake) in try MappingStart(file, options) }
    }
    let counting = try Counting(
      options, rules: mapping?.mapping.rules, flags: flags,
      openLog: ClusterLogOpening.open(options.cluster), log: log)
    cluster = counting.cluster
    let shown = cluster?.shown ?? ShownSeries(counting.aggregator, counting.pushed.owners)
    let (aggregator, pushed) = (counting.aggregator, counting.pushed)
    expiry = ExpiryTimer(
      aggregator: aggregator, owners: pushed.owners, startSecond: counting.startSecond)
    let keeper = counting.keeper
    self.keeper = keeper
    let refused = RefusedLines()
    let watch = Watch()
    traffic = Traffic(watch: watch, aggregator: aggregator)
    taps = TapDesk(watch: watch)
    let relay = try LineRelay(options.relay, log: log)
    self.relay = relay
    inputs = try Inputs(
      options, handed: handed, aggregator: aggregator, pushed: pushed, refused: refused,
      keeper: keeper, relay: relay, traffic: traffic, taps: taps, log: log)
    let names = inputs.listeners.filter { $0.connections == nil }.map(\.name)
    try relay?.begin(options.relay, listeners: names)
    forwarding = try counting.beginning.map { beginning throws(StartError) in
      try Forwarding(
        beginning, aggregator: aggregator, listeners: names.compactMap(\.address),
        state: keeper.map { ForwardState($0) } ?? ForwardState(), log: log)
    }
    let security = HTTPSecurity(options.web)
    let files = try ReloadedFiles(
      options, mapping: mapping, aggregator: aggregator, security: security,
      keyring: pushed.keyring, log: log)
    reloads = Reloads(files.items, log: log, service: service)
    let counters = HTTPCounters()
    let posted = PostedMeter()
    let cloudWatchMeter = options.cloudWatch.namespace.map { _ in CloudWatchMeter() }
    let status = StatusReader(
      aggregator: aggregator, listeners: inputs.listeners, places: inputs.places, pushed: pushed,
      posted: posted, gateway: counting.gateway, refused: refused, http: counters, files: files,
      keeper: keeper, relay: relay, cloudWatch: cloudWatchMeter, cluster: cluster, shown: shown,
      log: log)
    forgetter = Forgetter(
      owners: pushed.owners, log: log,
      refusal: Forwarding.refusalToForget(options))
    statsd = try StatsDPage.make(
      options.statsd, aggregator: aggregator, pushed: pushed, refused: refused, meter: posted,
      keeper: keeper, relay: relay, watch: PipelineWatch(traffic, taps), log: log)
    let scraper = Scraper(
      status: status, groups: counting.gateway.groups, keeper: keeper,
      style: ScrapeStyle(options.web),
      showsSeries: options.forward.target == nil || options.forward.exposes,
      showsOwn: cluster == nil)
    let nodeScraper = cluster.map { _ in
      Scraper(status: status, style: ScrapeStyle(options.web), showsSeries: false)
    }
    cloudWatch = try CloudWatch(
      options.cloudWatch, ledger: counting.ledger, meter: cloudWatchMeter, aggregator: aggregator,
      scraper: scraper, keeper: keeper, log: log)
    startReport = StartReport(
      listeners: inputs.listeners, options: options, keepsState: keeper != nil || cluster != nil,
      log: log)
    hosts = HostRule(names: options.web.hosts, hasUsers: { security.hasUsers })
    let questions = HeavyQuestions(
      shown: shown, scraper: scraper,
      rates: { [traffic] in
        traffic.ask()
        return traffic.nameRates
      })
    let reloaded = [
      ("web", options.web.configFile), ("keys", options.push.keysFile),
      ("mapping", options.statsd.mappingFile),
    ]
    insight =
      options.web.servesPage
      ? Insight(
        PulseReader(
          status, askedBufferBytes: startReport.askedBufferBytes, adviser: LabelAdviser(questions)))
      : nil
    let answers = insight.map { [traffic] insight in
      StatusAnswers(
        insight: insight, status: status, traffic: traffic,
        lineOptions: options.statsd.lines(at: options.statsd.listenUDP.first ?? ""),
        showsLines: options.web.showsLines, changedFlags: flags,
        files: reloaded.compactMap { name, path in path.map { (name, $0) } })
    }
    let pages = Pages(
      status: status,
      scraper: scraper,
      nodeScraper: nodeScraper,
      cluster: cluster,
      push: PushPage(
        pushed, refused: refused, keeper: keeper, watch: PipelineWatch(traffic, taps), log: log,
        now: Log.wallClock),
      statsd: statsd,
      gateway: PushgatewayPage(
        counting.gateway, limits: options.limits, keeper: keeper, log: log),
      lifecycle: Lifecycle(
        isEnabled: options.web.enablesLifecycle, reloads: reloads, stop: stopRequest),
      forget: ForgetPage(isEnabled: options.web.enablesLifecycle, forgetter: forgetter),
      heavy: HeavyPages(questions: questions),
      mapping: files.mapping, telemetryPaths: options.web.telemetryPaths, hosts: hosts,
      answers: answers,
      senders: SendersPage(traffic: traffic, shown: shown),
      tap: TapPage(desk: taps, showsLines: options.web.showsLines),
      showsLines: options.web.showsLines)
    server = try HTTPServer.bind(
      options.web, handed: handed.web, streams: DescriptorBudget.streams(options, handed),
      router: pages.router(), counters: counters, security: security, log: log)
    hosts.use(server.boundAddresses)
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
    await cloudWatch?.begin()
    await inputs.start()
    await server.start()
    let health = HealthService(log: log) { [server] in await server.isServing }
    await health.start(server.boundAddresses)
    let forgetting = ForgetService(log: log, forgetter: forgetter)
    await forgetting.start(server.boundAddresses)
    startReport.write(served: server.boundAddresses)
    forwarding?.report()
    relay?.report()
    cloudWatch?.report()
    service?.ready(served: server.boundAddresses)
    let drops = DropWatch(
      listeners: inputs.listeners, askedBufferBytes: startReport.askedBufferBytes, log: log)
    let timers: [Task<Void, Never>] = [
      Task { await drops.run() }, Task { await expiry.run() }, Task { await reloads.run() },
      Task { [forwarding] in await forwarding?.run() },
      Task { [cluster] in await cluster?.run() }, Task { [relay] in await relay?.run() },
      Task { [cloudWatch] in await cloudWatch?.run() }, Task { [insight] in await insight?.run() },
      Task { [traffic] in await traffic.run() },
      Task { [service, inputs, server] in
        await Watchdog(service, receiving: inputs.answers, server: server)?.run()
      },
    ]
    log.info("stopping", ["signal": .text(await stop.first())])
    service?.stopping()
    await health.answerStopping()
    hangup.cancel()
    for timer in timers { timer.cancel() }
    taps.stop()
    await inputs.stop()
    if let forwarding {
      // What it has told the next hop is the end.
      await statsd.stop()
      await forwarding.finish()
    }
    if let cluster {
      await statsd.stop()
      await cluster.finish()
    }
    await drops.look()
    let ingested = inputs.listeners.map(\.totals).reduce(into: IngestTotals()) { $0.add($1) }
    await server.stop(graceSeconds: Daemon.graceSeconds)
    // Requests may have had lines until now.
    await relay?.finish()
    await cloudWatch?.finish()
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

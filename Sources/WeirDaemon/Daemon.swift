import Glibc
import WeirAggregation
import WeirConfiguration
import WeirHTTP
import WeirMetrics
import WeirSockets
import WeirWire

/// The whole server, from options to the last answer.
package struct Daemon: Sendable {
  /// How long answers in progress have to reach their readers once Weir stops.
  static let graceSeconds = 5.0

  private let log: Log
  private let listeners: [Listener]
  private let receivers: [Receiver]
  private let server: HTTPServer
  private let reloads: Reloads
  private let stopRequest = StopRequest()
  private let expiry: ExpiryTimer
  private let options: Options

  /// Binds every address, or none; nothing is received or answered until `run`.
  ///
  /// - Throws: `StartError`, one sentence for the operator.
  package init(options: Options, log: Log) throws(StartError) {
    self.options = options
    self.log = log
    // Before anything is opened, because what fails for want of a descriptor need not say so.
    let planned = options.statsd.listenUDP.count * options.statsd.receivers
    _ = try DescriptorBudget(unbound: planned + options.web.listenAddresses.count)
      .connections(asked: options.web.connectionsMax)
    let aggregator = Aggregator(
      observations: Observations(options),
      sets: SetOptions(windowSeconds: options.set.windowSeconds), limits: Limits(options.limit),
      names: options.statsd.names == .utf8 ? .utf8 : .classic,
      lifetimes: SeriesLifetimes(options.series.ttl),
      zeroFirstSeconds: UInt32(options.series.zeroFirstSeconds),
      unixSeconds: { UInt32(clamping: Log.wallClock().tv_sec) })
    let pushed = Pushed(aggregator: aggregator, limits: OwnerLimits(options.push))
    expiry = ExpiryTimer(aggregator: aggregator, owners: pushed.owners)
    for family in ProcessFamily.all { aggregator.reserve(family.name, kind: family.kind) }
    let refused = RefusedLines()
    var listeners: [Listener] = []
    var receivers: [Receiver] = []
    let admissions = try Admission.of(
      listeners: options.statsd.listenUDP, allow: options.statsd.allow,
      takesText: options.statsd.takesText)
    try StatsDOptions.check(options.statsd)
    let accepted = log.writes(.debug) ? AcceptedLines(log: log) : nil
    let plan = try Daemon.plan(options.statsd.listenUDP, flag: "--statsd.listen-udp")
    for entry in plan.entries {
      guard let admission = admissions[entry.text] else {
        preconditionFailure("every listener is told whom it admits")
      }
      var group = try Daemon.bind(entry, options.statsd)
      var listener = Listener(
        address: group.address, receiveBufferBytes: group.receiveBufferBytes)
      while let socket = group.next() {
        if options.statsd.receivesSegments { try Daemon.receiveSegments(socket) }
        let meter = IngestMeter()
        listener.meters.append(meter)
        listener.drops.append(socket.drops)
        let pipeline = IngestPipeline(
          aggregator: aggregator, options: StatsDOptions(options.statsd, listener: entry.text),
          admission: admission, pushed: pushed, meter: meter, refused: refused,
          accepted: accepted, log: log, now: Log.wallClock)
        receivers.append(
          Receiver(
            socket: socket, pipeline: pipeline,
            gatherNanoseconds: UInt64(options.statsd.gatherMilliseconds) * 1_000_000,
            splitsSegments: options.statsd.receivesSegments, log: log))
      }
      listeners.append(listener)
    }
    self.listeners = listeners
    self.receivers = receivers
    let counters = HTTPCounters()
    let security = HTTPSecurity(
      openPaths: options.web.authenticatesHealth ? [] : Set(Options.Web.healthPages))
    let webFile = try Daemon.webFile(options.web, security: security, log: log)
    let keysFile = try Daemon.keysFile(options.push, keyring: pushed.keyring, log: log)
    reloads = Reloads([webFile?.item, keysFile?.item].compactMap { $0 }, log: log)
    let own = OwnMetrics(
      listeners: listeners, http: counters, log: log, pushed: pushed, webFile: webFile?.status,
      keysFile: keysFile?.status)
    let pages = Pages(
      scraper: Scraper(
        aggregator: aggregator, own: own, writesCreated: options.web.writesCreated),
      refused: refused, instances: InstancesPage(owners: pushed.owners),
      push: PushPage(pushed, refused: refused, log: log, now: Log.wallClock),
      telemetryPaths: options.web.telemetryPaths)
    var router = pages.router()
    let stopRequest = stopRequest
    Lifecycle(
      isEnabled: options.web.enablesLifecycle, reloads: reloads,
      quit: { stopRequest.send("/-/quit") }
    ).add(to: &router)
    let budget = try DescriptorBudget(unbound: options.web.listenAddresses.count)
    let connections = try budget.connections(asked: options.web.connectionsMax)
    if connections < options.web.connectionsMax {
      log.warn(
        "the limit on open files leaves room for fewer connections than --web.max-connections says",
        [
          "asked": .init(options.web.connectionsMax), "granted": .init(connections),
          "remedy": .text("ulimit -n \(budget.needed(for: options.web.connectionsMax))"),
        ])
    }
    server = try Daemon.server(
      options.web, connectionsMax: connections, router: router, counters: counters,
      security: security)
  }

  /// Serves until SIGTERM, SIGINT or `/-/quit`, then applies what has been received, answers what has been
  /// asked, and returns.
  package func run() async {
    // A reader of the log or of a scrape that goes away is no reason to stop.
    signal(SIGPIPE, SIG_IGN)
    let stop = await StopSignal(stopRequest)
    let hangup = await HangupSignal { Task { await reloads.reload(because: "SIGHUP") } }
    for receiver in receivers { await receiver.start() }
    await server.start()
    let health = HealthService(log: log) { [server] in await server.isServing }
    await health.start(server.boundAddresses)
    logStart()
    let drops = DropWatch(
      listeners: listeners, askedBufferBytes: askedBufferBytes, log: log)
    let watch = Task { await drops.run() }
    let forget = Task { await expiry.run() }
    let look = Task { await reloads.run() }
    let signal = await stop.first()
    log.info("stopping", ["signal": .text(signal)])
    await health.stop()
    hangup.cancel()
    for task in [watch, forget, look] { task.cancel() }
    await withTaskGroup { group in
      for receiver in receivers { group.addTask { await receiver.stop() } }
    }
    await drops.look()
    let ingested = listeners.map(\.totals).reduce(into: IngestTotals()) { $0.add($1) }
    await server.stop(graceSeconds: Daemon.graceSeconds)
    await health.end()
    log.info(
      "stopped", ["datagrams": .init(ingested.datagrams), "lines": .init(ingested.lines)])
  }

  private var askedBufferBytes: Int {
    min(options.statsd.readBufferBytes, SocketLimits.receiveBufferBytesMax)
  }

  private func logStart() {
    log.info("starting Weir", ["version": .text(Version.current), "pid": .init(getpid())])
    for listener in listeners {
      log.info(
        "listening for StatsD",
        [
          "address": .text(listener.address.description),
          "receivers": .init(listener.meters.count),
          "read_buffer_bytes": .init(listener.receiveBufferBytes),
        ])
      if listener.receiveBufferBytes < askedBufferBytes {
        log.warn(
          "the kernel granted a smaller receive buffer than asked, bursts may be lost",
          [
            "asked_bytes": .init(askedBufferBytes),
            "granted_bytes": .init(listener.receiveBufferBytes),
            "remedy": .text("sysctl -w net.core.rmem_max=\(askedBufferBytes)"),
          ])
      }
    }
    for address in server.boundAddresses {
      log.info("serving", ["address": .text(address.description)])
    }
    log.info("ready")
  }

  private static func bind(
    _ entry: ListenPlan.Entry, _ options: Options.StatsD
  ) throws(StartError) -> UDPGroup {
    do {
      return try UDPGroup.bind(
        to: entry.address, isIPv6Only: entry.isIPv6Only, receivers: options.receivers,
        readBufferBytes: options.readBufferBytes > 0 ? options.readBufferBytes : nil,
        flag: "--statsd.listen-udp")
    } catch {
      throw StartError(description: error.description)
    }
  }

  private static func receiveSegments(_ socket: borrowing UDPSocket) throws(StartError) {
    do {
      try socket.receiveSegments()
    } catch {
      throw StartError(
        description: "--statsd.gro: the kernel does not offer it (\(error)); leave the flag out")
    }
  }

  private static func webFile(
    _ options: Options.Web, security: HTTPSecurity, log: Log
  ) throws(StartError) -> WebFile? {
    guard let file = options.configFile else { return nil }
    do throws(FileMistake) {
      return try WebFile(file, security: security, log: log)
    } catch {
      throw StartError(description: error.description)
    }
  }

  private static func keysFile(
    _ options: Options.Push, keyring: PushKeyring, log: Log
  ) throws(StartError) -> KeysFile? {
    guard let file = options.keysFile else { return nil }
    do throws(FileMistake) {
      return try KeysFile(file, keyring: keyring, log: log)
    } catch {
      throw StartError(description: error.description)
    }
  }

  private static func server(
    _ options: Options.Web, connectionsMax: Int, router: HTTPRouter, counters: HTTPCounters,
    security: HTTPSecurity
  ) throws(StartError) -> HTTPServer {
    var limits = HTTPLimits(options)
    limits.connectionsMax = connectionsMax
    let plan = try plan(options.listenAddresses, flag: "--web.listen-address")
    do {
      return try HTTPServer(
        addresses: plan.addresses, limits: limits, counters: counters, security: security,
        flag: "--web.listen-address", unixSeconds: { Int64(Log.wallClock().tv_sec) },
        bodyBytesMax: router.bodyBytesMax, handler: router.respond)
    } catch {
      throw StartError(description: error.description)
    }
  }

  /// What the addresses of a flag are, once names are looked up.
  static func plan(_ texts: [String], flag: String) throws(StartError) -> ListenPlan {
    do {
      return try ListenPlan(texts)
    } catch {
      throw StartError(description: "\(flag): \(error.description)")
    }
  }
}

/// Why Weir can't start, as a sentence that says what to do.
package struct StartError: Error, CustomStringConvertible {
  package let description: String
}

extension HTTPLimits {
  init(_ options: Options.Web) {
    self.init()
    connectionsMax = options.connectionsMax
    requestHeadBytesMax = options.headerBytesMax
    headersMax = options.headersMax
    idleSecondsMax = Double(options.idleMilliseconds) / 1_000
    headReadSecondsMax = Double(options.readHeaderMilliseconds) / 1_000
  }
}

extension SeriesLifetimes {
  init(_ ttl: SeriesTTL) {
    self.init()
    func seconds(_ kind: SeriesTTL.Kind) -> UInt32? {
      ttl.seconds(kind) == 0 ? nil : UInt32(ttl.seconds(kind))
    }
    self[.counter] = seconds(.counter)
    self[.gauge] = seconds(.gauge)
    self[.histogram] = seconds(.histogram)
    self[.set] = seconds(.set)
  }
}

extension OwnerLimits {
  init(_ options: Options.Push) {
    self.init()
    gaugeSeconds = UInt32(options.gaugeSeconds)
    absorbSeconds = UInt32(options.ownerSeconds)
    instancesMax = options.instancesMax
    totalsMax = options.totalsMax
    totalsPerInstanceMax = options.totalsPerInstanceMax
    olderInstances = options.olderInstances == .baseline ? .baseline : .count
  }
}

extension Limits {
  init(_ options: Options.Limit) {
    self.init()
    seriesMax = options.series
    seriesPerNameMax = options.seriesPerName
    namesMax = options.names
    setsMax = options.sets
    exposedBytesMax = options.exposedBytes
    overflow = options.overflow == .series ? .series : .refuse
    labelsPerSeriesMax = options.labelsPerSeries
    nameBytesMax = options.nameBytes
    labelNameBytesMax = options.labelNameBytes
    labelValueBytesMax = options.labelValueBytes
    seriesBytesMax = options.seriesBytes
  }
}

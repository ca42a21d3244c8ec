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
    let aggregator = Aggregator(
      observations: Observations(options),
      sets: SetOptions(windowSeconds: options.set.windowSeconds), limits: Limits(options.limit),
      names: options.statsd.names == .utf8 ? .utf8 : .classic,
      lifetimes: SeriesLifetimes(options.series.ttl),
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
    for text in options.statsd.listenUDP {
      var group = try Daemon.bind(text, options.statsd)
      var listener = Listener(
        address: group.address, receiveBufferBytes: group.receiveBufferBytes)
      while let socket = group.next() {
        if options.statsd.receivesSegments { try Daemon.receiveSegments(socket) }
        let meter = IngestMeter()
        listener.meters.append(meter)
        listener.drops.append(socket.drops)
        let pipeline = IngestPipeline(
          aggregator: aggregator, options: StatsDOptions(options.statsd),
          admission: admissions[text] ?? Admission(), pushed: pushed, meter: meter,
          refused: refused, log: log, now: Log.wallClock)
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
    let security = HTTPSecurity()
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
      push: PushPage(pushed, now: Log.wallClock),
      telemetryPaths: options.web.telemetryPaths)
    var router = pages.router()
    let stopRequest = stopRequest
    Lifecycle(
      isEnabled: options.web.enablesLifecycle, reloads: reloads,
      quit: { stopRequest.send("/-/quit") }
    ).add(to: &router)
    server = try Daemon.server(
      options.web, router: router, counters: counters,
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
    logStart()
    let drops = DropWatch(
      listeners: listeners, askedBufferBytes: askedBufferBytes, log: log)
    let watch = Task { await drops.run() }
    let forget = Task { await expiry.run() }
    let look = Task { await reloads.run() }
    let signal = await stop.first()
    log.info("stopping", ["signal": .text(signal)])
    hangup.cancel()
    for task in [watch, forget, look] { task.cancel() }
    await withTaskGroup { group in
      for receiver in receivers { group.addTask { await receiver.stop() } }
    }
    let ingested = listeners.map(\.totals).reduce(into: IngestTotals()) { $0.add($1) }
    await server.stop(graceSeconds: Daemon.graceSeconds)
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
    _ text: String, _ options: Options.StatsD
  ) throws(StartError) -> UDPGroup {
    let address = try resolve(text, flag: "--statsd.listen-udp")
    do {
      return try UDPGroup.bind(
        to: address, receivers: options.receivers,
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
    _ options: Options.Web, router: HTTPRouter, counters: HTTPCounters,
    security: HTTPSecurity
  ) throws(StartError) -> HTTPServer {
    var addresses: [SocketAddress] = []
    for text in options.listenAddresses {
      addresses.append(try resolve(text, flag: "--web.listen-address"))
    }
    do {
      return try HTTPServer(
        addresses: addresses, limits: HTTPLimits(options), counters: counters, security: security,
        flag: "--web.listen-address", unixSeconds: { Int64(Log.wallClock().tv_sec) },
        bodyBytesMax: router.bodyBytesMax, handler: router.respond)
    } catch {
      throw StartError(description: error.description)
    }
  }

  static func resolve(_ text: String, flag: String) throws(StartError) -> SocketAddress {
    do {
      let addresses = try ListenAddress.resolve(text)
      return addresses[0]
    } catch {
      throw StartError(description: "\(flag): \(error.description)")
    }
  }
}

/// Why Weir can't start, as a sentence that says what to do.
package struct StartError: Error, CustomStringConvertible {
  package let description: String
}

extension StatsDOptions {
  init(_ options: Options.StatsD) {
    var styles: TagStyles = []
    if options.parsesDogStatsDTags { styles.insert(.dogStatsD) }
    if options.parsesInfluxDBTags { styles.insert(.influxDB) }
    if options.parsesLibratoTags { styles.insert(.librato) }
    if options.parsesSignalFxTags { styles.insert(.signalFx) }
    self.init(
      tagStyles: styles, gaugeSign: options.gaugeSign == .relative ? .relative : .absolute)
  }
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

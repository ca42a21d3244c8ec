import Glibc
import WeirConfiguration
import WeirHTTP
import WeirSockets

extension HTTPServer {
  /// A server that is bound to the addresses of the options, and answers nothing until it starts.
  ///
  /// - Parameters:
  ///   - handed: Sockets that were handed over to be served.
  ///   - streams: Connections that senders' streams may have, for which files have to be left.
  static func bind(
    _ options: Options.Web, handed: [HandedSocket], streams: Int, router: HTTPRouter,
    counters: HTTPCounters, security: HTTPSecurity, log: Log
  ) throws(StartError) -> HTTPServer {
    var limits = HTTPLimits(options)
    limits.connectionsMax = try grantedConnections(options, streams: streams, log)
    let plan = try ListenPlan(options.listenAddresses, flag: "--web.listen-address")
    return try startStep { () throws(ListenError) in
      try HTTPServer(
        addresses: plan.addresses, handed: handed, limits: limits, counters: counters,
        security: security,
        flag: "--web.listen-address", unixSeconds: { Int64(Log.wallClock().tv_sec) },
        bodyRule: router.bodyRule, handler: router.respond)
    }
  }

  /// The connections that the limit on open files has room for.
  private static func grantedConnections(
    _ options: Options.Web, streams: Int, _ log: Log
  ) throws(StartError) -> Int {
    let budget = try DescriptorBudget(unbound: options.listenAddresses.count)
    let granted = try budget.shares(
      web: options.connectionsMax, streams: streams
    ).web
    if granted < options.connectionsMax {
      log.warn(
        "the limit on open files allows fewer connections than --web.max-connections",
        [
          "asked": .init(options.connectionsMax), "granted": .init(granted),
          "remedy": .text("ulimit -n \(budget.needed(for: options.connectionsMax + streams))"),
        ])
    }
    return granted
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

extension HTTPSecurity {
  convenience init(_ options: Options.Web) {
    self.init(openPaths: options.authenticatesHealth ? [] : Set(Options.Web.healthPages))
  }
}

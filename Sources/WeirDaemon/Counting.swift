import WeirAggregation
import WeirCloudWatch
import WeirConfiguration
import WeirMetrics

/// What counts: the aggregator and the instances that push, with what the state file holds.
struct Counting {
  let aggregator: Aggregator
  let pushed: Pushed
  let gateway: Pushgateway
  let startSecond: UInt32
  /// Nil without a state on disk.
  let keeper: StateKeeper?
  private let opened: OpenedState?
  /// Nil where nothing is forwarded.
  let beginning: Forwarding.Beginning?
  /// Nil where nothing is pushed to CloudWatch.
  let ledger: CloudWatchLedger?
  /// Nil where this Weir is no node of a cluster.
  let cluster: Cluster?

  /// Nothing is received before this returns, so that nothing arrives that is neither in the file nor after it.
  ///
  /// - Parameter rules: The mapping rules; nil without any.
  init(
    _ options: Options, rules: (any IdentityRules)? = nil, flags: [ChangedFlag] = [],
    openLog: ClusterStart.Open? = nil, log: Log
  ) throws(StartError) {
    if let openLog {
      let start = try ClusterStart(options, flags: flags, open: openLog, journal: log)
      var (aggregator, pushed) = Counting.make(options, rules, nil)
      pushed.forward = start.desk
      gateway = Pushgateway(options, aggregator: aggregator)
      cluster = start.cluster(options, aggregator: aggregator, journal: log)
      (ledger, keeper, opened, beginning) = (nil, nil, nil, nil)
      startSecond = 0
      self.aggregator = aggregator
      self.pushed = pushed
      return
    }
    cluster = nil
    let bootID = BootID.read()
    var opened = try OpenedState(
      options.state, log: log, clock: { StateClock.now(bootID: bootID) })
    var beginning = try Forwarding.begin(options.forward, &opened, log: log)
    var (aggregator, pushed) = Counting.make(options, rules, opened)
    let isWhole = opened?.restore(into: pushed.owners) ?? true
    if beginning != nil, !isWhole {
      // The totals of an instance must not fall.
      opened?.startEmpty(
        because: "not all of it could be restored, so that totals that were forwarded would fall; "
          + "this Weir forwards as a new instance")
      beginning = try Forwarding.begin(options.forward, &opened, log: log)
      (aggregator, pushed) = Counting.make(options, rules, opened)
    }
    pushed.forward = beginning?.desk
    gateway = Pushgateway(options, aggregator: aggregator)
    // After the series, whose names come first.
    opened?.restore(into: gateway, limits: options.limits)
    ledger = CloudWatch.ledger(options.cloudWatch, payloads: opened?.cloudWatchPayloads ?? [])
    keeper = opened?.keeper(
      of: pushed.owners, groups: gateway.groups, ledger: ledger, forwarder: beginning?.instance)
    self.opened = opened
    startSecond = opened?.startSecond ?? 0
    self.aggregator = aggregator
    self.pushed = pushed
    self.beginning = beginning
  }

  /// Writes a first base, when all sockets are bound and nothing has been received.
  func begin() throws(StartError) {
    if let opened, let keeper { try opened.begin(keeper) }
  }

  private static func make(
    _ options: Options, _ rules: (any IdentityRules)?, _ opened: OpenedState?
  ) -> (Aggregator, Pushed) {
    let aggregator = Aggregator(
      options, identityRules: rules ?? NoIdentityRules(), startSecond: opened?.startSecond ?? 0)
    let pushed = Pushed(
      aggregator: aggregator, limits: options.push.limits, keySeed: opened?.keySeed,
      memoryMilliseconds: opened?.memoryMilliseconds ?? 0)
    return (aggregator, pushed)
  }
}

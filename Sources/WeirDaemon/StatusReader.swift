import WeirAggregation
import WeirGroups
import WeirHTTP
import WeirMapping

/// Reads a `Status` from the running parts, each section when it is asked for: ingest pays nothing
/// for it.
struct StatusReader: Sendable {
  /// The series that are shown, and their instances.
  let shown: ShownSeries
  /// What counts the text that comes in here, which is another one in a cluster.
  private let counted: Aggregator
  let listeners: [Listener]
  /// Nil where no listener takes connections.
  let places: StreamPlaces?
  let pushed: Pushed
  let posted: PostedMeter
  let gateway: Pushgateway?
  let refused: RefusedLines
  let http: HTTPCounters
  /// Nil without such a file.
  var webFile: ReloadStatus?
  var keysFile: ReloadStatus?
  var mapping: MappingConfig?
  /// Nil without a state.
  var keeper: StateKeeper?
  /// Nil where lines are not relayed.
  var relay: LineRelay?
  /// Nil where nothing is pushed to CloudWatch.
  var cloudWatch: CloudWatchMeter?
  /// Nil where this Weir is no node of a cluster.
  let cluster: Cluster?
  let log: Log
  let scrapes = ScrapeMeter()
  let scrapeLog = ScrapeLog()
  private let process = ProcessMetrics.Reader()

  init(
    aggregator: Aggregator, listeners: [Listener] = [], places: StreamPlaces? = nil,
    pushed: Pushed, posted: PostedMeter = PostedMeter(), gateway: Pushgateway? = nil,
    refused: RefusedLines = RefusedLines(), http: HTTPCounters = HTTPCounters(),
    files: ReloadedFiles? = nil, keeper: StateKeeper? = nil, relay: LineRelay? = nil,
    cloudWatch: CloudWatchMeter? = nil, cluster: Cluster? = nil, shown: ShownSeries? = nil,
    log: Log
  ) {
    self.shown = shown ?? ShownSeries(aggregator, pushed.owners)
    counted = aggregator
    self.cluster = cluster
    self.listeners = listeners
    self.places = places
    self.pushed = pushed
    self.posted = posted
    self.gateway = gateway.flatMap { $0.refusal == nil ? $0 : nil }
    self.refused = refused
    self.http = http
    webFile = files?.web?.reloaded.status
    keysFile = files?.keys?.reloaded.status
    mapping = files?.mapping
    self.keeper = keeper
    self.relay = relay
    self.cloudWatch = cloudWatch
    self.log = log
  }

  var aggregator: Aggregator { shown.aggregator }
  var owners: Owners { shown.owners }

  /// Every section.
  func status() -> Status {
    Status(metrics: metrics(), refused: refusals(), instances: instances())
  }

  /// - Parameters:
  ///   - isScrape: Whether gauges of many owners are brought up to date, and what is known of each owner and of
  ///     the process is read. What is read each second does without.
  ///   - updateCatalog: Finds the series that a scrape shows. It is called after the counters of receivers
  ///     are read, so that no scrape counts a datagram whose values it does not show.
  /// - Complexity: O(shards + listeners + limits), and for a scrape O(owners).
  func metrics(isScrape: Bool = true, updateCatalog: () -> Void = {}) -> Status.Metrics {
    let ingest = listeners.map { listener in
      Status.Ingest(
        name: listener.name, transport: listener.transport,
        receiveBufferBytes: listener.receiveBufferBytes,
        totals: listener.totals, dropped: listener.dropped,
        connections: listener.connections?.reading)
    }
    let posted = posted.reading
    // In a cluster the limits are reached here and in the view, each by its own series.
    let viewed = aggregator.limitReading()
    let limits = cluster == nil ? viewed : viewed.joined(counted.limitReading())
    if isScrape { owners.mergeGauges() }
    updateCatalog()
    return Status.Metrics(
      ingest: ingest, places: places.map { .init(limit: $0.limit, used: $0.used) },
      posted: posted, series: aggregator.counts(), limits: limits,
      push: Status.Push(
        totals: owners.totals(countsEach: isScrape), refused: pushed.meter.reading,
        limits: owners.limits),
      state: keeper?.reading(),
      scrapes: scrapes.reading, http: http.read(),
      files: files, process: isScrape ? process.read() : ProcessMetrics.ofClock(),
      logLinesLost: log.linesLost,
      // A node of a cluster has a desk, too, and its own metrics about it.
      forward: cluster != nil
        ? nil
        : pushed.forward.map {
          Status.Forward(own: $0.meter.reading, relay: $0.relayTotals)
        },
      cluster: cluster?.reading, relay: relay?.reading(), cloudWatch: cloudWatch?.reading,
      groups: gateway.map {
        Status.Groups(
          totals: $0.groups.totals, limits: $0.groups.limits, requests: $0.meter.reading)
      })
  }

  /// The files that are loaded again when they change.
  var files: Status.Files {
    Status.Files(
      web: webFile?.read(), keys: keysFile?.read(),
      mapping: mapping.map {
        .init(reload: $0.reloaded.status.read(), rules: $0.rules.rules.count)
      })
  }

  func refusals() -> Status.Refused {
    Status.Refused(lines: refused.lastEntries, pushes: refused.pushes.lastEntries)
  }

  func instances() -> Status.Instances {
    Status.Instances(
      shown: owners.instances(max: InstancesPage.instancesMax),
      known: owners.totals(countsEach: false).instances)
  }
}

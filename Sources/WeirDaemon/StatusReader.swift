import WeirAggregation
import WeirHTTP

/// Reads a `Status` from the running parts, each section when it is asked for: ingest pays nothing
/// for it.
struct StatusReader: Sendable {
  let aggregator: Aggregator
  let listeners: [Listener]
  let pushed: Pushed
  let refused: RefusedLines
  let http: HTTPCounters
  /// Nil without such a file.
  var webFile: ReloadStatus?
  var keysFile: ReloadStatus?
  /// Nil without a state.
  var keeper: StateKeeper?
  let log: Log
  let scrapes = ScrapeMeter()
  private let process = ProcessMetrics.Reader()

  init(
    aggregator: Aggregator, listeners: [Listener] = [], pushed: Pushed,
    refused: RefusedLines = RefusedLines(), http: HTTPCounters = HTTPCounters(),
    files: ReloadedFiles? = nil, keeper: StateKeeper? = nil, log: Log
  ) {
    self.aggregator = aggregator
    self.listeners = listeners
    self.pushed = pushed
    self.refused = refused
    self.http = http
    webFile = files?.web?.status
    keysFile = files?.keys?.status
    self.keeper = keeper
    self.log = log
  }

  /// Every section.
  func status() -> Status {
    Status(metrics: metrics(), refused: refusals(), instances: instances())
  }

  /// - Parameter updateCatalog: Finds the series that a scrape shows. It is called after the
  ///   counters of receivers are read, so that no scrape counts a datagram whose values it does not
  ///   show.
  func metrics(updateCatalog: () -> Void = {}) -> Status.Metrics {
    let ingest = listeners.map { listener in
      Status.Ingest(
        address: listener.address, receiveBufferBytes: listener.receiveBufferBytes,
        totals: listener.totals, dropped: listener.dropped)
    }
    let limits = aggregator.limitReading()
    pushed.owners.mergeGauges()
    updateCatalog()
    return Status.Metrics(
      ingest: ingest, series: aggregator.counts(), limits: limits,
      push: Status.Push(
        totals: pushed.owners.totals(), refused: pushed.meter.reading,
        limits: pushed.owners.limits),
      state: keeper?.reading(),
      scrapes: scrapes.reading, http: http.read(),
      files: Status.Files(web: webFile?.read(), keys: keysFile?.read()),
      process: process.read(), logLinesLost: log.linesLost,
      forward: pushed.forward.map {
        Status.Forward(own: $0.meter.reading, relay: $0.relayTotals)
      })
  }

  func refusals() -> Status.Refused {
    Status.Refused(lines: refused.lastEntries, pushes: refused.pushes.lastEntries)
  }

  func instances() -> Status.Instances {
    Status.Instances(
      shown: pushed.owners.instances(max: InstancesPage.instancesMax),
      known: pushed.owners.totals().instances)
  }
}

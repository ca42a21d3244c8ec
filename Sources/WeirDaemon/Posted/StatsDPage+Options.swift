import WeirAggregation
import WeirConfiguration

extension StatsDPage {
  /// The page that the options ask for: lines are read as at a listener without flags of its own.
  static func make(
    _ options: Options.StatsD, aggregator: Aggregator, pushed: Pushed, refused: RefusedLines,
    meter: PostedMeter, keeper: StateKeeper?, relay: LineRelay?, watch: PipelineWatch? = nil,
    log: Log
  ) throws(StartError) -> StatsDPage {
    let pipeline = IngestPipeline(
      aggregator: aggregator, options: options.lines(at: StatsDPage.path),
      admission: ListenerFilter(), pushed: pushed, meter: meter.ingest, refused: refused,
      accepted: log.writes(.debug) ? AcceptedLines(log: log) : nil, relay: relay, watch: watch,
      log: log,
      now: Log.wallClock)
    return StatsDPage(
      pipeline, admission: try ListenerFilter.ofRequests(options), meter: meter, keeper: keeper)
  }
}

extension ListenerFilter {
  /// The filter of lines in requests: the networks that are for all listeners.
  static func ofRequests(_ options: Options.StatsD) throws(StartError) -> ListenerFilter {
    let filters = try ListenerFilter.of(
      listeners: [StatsDPage.path], allow: options.allow.filter { !$0.contains("=") },
      takesText: options.takesText)
    return filters[StatsDPage.path] ?? ListenerFilter()
  }
}

import Dispatch
import WeirAggregation
import WeirBytes
import WeirCluster
import WeirClusterView
import WeirConfiguration
import WeirForwarding
import WeirMetrics
import WeirState

/// How a node comes into its cluster: from the options to a view that the log can be read on from.
struct ClusterStart {
  /// A log and a store that are connected, and what they are.
  struct Opened: Sendable {
    var log: any OrderedLog
    var store: any StateStore
    var stream: String
    /// Without passwords.
    var servers: String
    /// How long the log may seem to be too short.
    var doubtMilliseconds = 0
  }

  /// Opens the log. It is made with this metadata if there is none.
  typealias Open = @Sendable (_ metadata: [String: String]) throws(LogFailure) -> Opened

  private static let milliseconds = 10_000
  private static let pauseMilliseconds = 250

  let desk: ForwardDesk
  let shown: ShownSeries
  private let opened: Opened
  private let reader: ClusterReader
  private let states: ClusterStates
  private let markers = ClusterMarkers()
  private let nodes = ClusterNodes()
  private let meter = ClusterMeter()
  private let standing: ClusterStanding
  private let instance: ForwarderInstance
  private let record: ClusterRecord
  private let name: String

  /// - Parameters:
  ///   - flags: Those that differ from their defaults.
  init(_ options: Options, flags: [ChangedFlag], open: Open, journal: Log) throws(StartError) {
    let own = ClusterOptions(flags)
    // Before the log is made, because a node that can't start must not choose the options of all.
    let directory = try ClusterStart.directory(options.state)
    let opened = try startStep { () throws(LogFailure) in try open(ClusterRecord(own).metadata) }
    self.opened = opened
    name = options.cluster.node.isEmpty ? HostName.current : options.cluster.node
    let bounds = try startStep { () throws(LogFailure) in
      try opened.log.bounds(milliseconds: ClusterStart.milliseconds)
    }
    states = ClusterStates(opened.store, directory: directory)
    record = try ClusterStart.begun(bounds, own, as: name, opened, states, journal)
    try record.check(own)
    let maker = ViewMaker(stream: opened.stream, identity: bounds.identity, key: record.key)
    let clock = Forwarding.bootMilliseconds
    instance = .fresh(wallMilliseconds: Forwarding.wallMilliseconds(), clock: clock)
    desk = ForwardDesk(
      instance: instance.number, key: nil, confirmsAll: true, clock: clock,
      wallSeconds: Log.wallSeconds)
    let view: ClusterView
    do {
      view = try ClusterStart.loaded(states, maker, record, from: bounds.first)
    } catch let error as ClusterStates.Single {
      throw StartError(description: "--state.dir: \(error)")
    } catch {
      throw StartError(
        description: "--cluster.nats: "
          + ClusterSentence.noState(bounds.first, ClusterSentence.of(error)))
    }
    let sequence = view.sequence
    let last = try ClusterStart.trusted(bounds, from: sequence, opened).last
    shown = ShownSeries(view.aggregator, view.owners)
    standing = ClusterStanding(
      sequence >= last ? .current : .joining(until: last), sequence: sequence,
      epoch: bounds.identity, at: clock())
    reader = ClusterReader(
      view, maker, node: instance.number, name: name, stream: opened.stream, log: opened.log,
      states: states, shown: shown, markers: markers, nodes: nodes, standing: standing,
      meter: meter, journal: journal,
      clock: clock)
    let counts = shown.aggregator.counts()
    journal.info(
      "joining the cluster",
      [
        "stream": .text(opened.stream), "servers": .text(opened.servers),
        "from": .init(Int(clamping: sequence)), "until": .init(Int(clamping: last)),
        "series": .init(MetricKind.allCases.reduce(0) { $0 + counts.series($1) }),
      ])
  }

  /// The view to begin with. It goes on trying while no server of NATS leads.
  private static func loaded(
    _ states: ClusterStates, _ maker: ViewMaker, _ record: ClusterRecord, from first: UInt64
  ) throws -> ClusterView {
    let end = ContinuousClock.now + .milliseconds(ClusterLogOpening.milliseconds)
    while true {
      do {
        return try states.load(maker, record, from: first)
      } catch let failure as LogFailure where failure.isPassing && ContinuousClock.now < end {
        _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(pauseMilliseconds))
      }
    }
  }

  /// The ends of a log that has a message. A server of NATS that leads no more, or that leads anew and is behind,
  /// goes on answering for some seconds with an older end.
  private static func trusted(
    _ bounds: LogBounds, from sequence: UInt64, _ opened: Opened
  ) throws(StartError) -> LogBounds {
    let end = ContinuousClock.now + .milliseconds(opened.doubtMilliseconds)
    var bounds = bounds
    while sequence > bounds.last {
      guard ContinuousClock.now < end else {
        throw StartError(description: "--cluster.nats: " + ClusterSentence.replaced)
      }
      _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(pauseMilliseconds))
      bounds = try startStep { () throws(LogFailure) in
        try opened.log.bounds(milliseconds: milliseconds)
      }
    }
    return bounds
  }

  /// All parts of the node.
  ///
  /// - Parameter aggregator: What counts the text that comes in here.
  func cluster(_ options: Options, aggregator: Aggregator, journal: Log) -> Cluster {
    let clock = Forwarding.bootMilliseconds
    let node = instance.number
    let hop = LogHop(
      node: node, format: record.format, log: opened.log, desk: desk, standing: standing,
      meter: meter, clock: clock)
    var frames = ForwardFrames.Settings(
      instance: node, startMilliseconds: instance.startMilliseconds)
    // As long as what a message takes, because each frame has its strings once.
    frames.frameBytes = 32_768
    let forwarder = Forwarder(
      aggregator: aggregator, instance: instance, frames: frames, desk: desk, hop: hop,
      log: journal, words: .cluster, wallMilliseconds: Forwarding.wallMilliseconds)
    var wiring = Cluster.Settings(node: node, stream: opened.stream, servers: opened.servers)
    wiring.barrier = .milliseconds(options.cluster.barrierMilliseconds)
    wiring.readsLocally = options.cluster.read == .local
    wiring.name = name
    wiring.address = ClusterStart.address(options.web.listenAddresses)
    return Cluster(
      wiring, log: opened.log, desk: desk, hop: hop, forwarder: forwarder, reader: reader,
      markers: markers, nodes: nodes, states: states, shown: shown, standing: standing,
      meter: meter,
      journal: journal, clock: clock)
  }

  /// Where others find this node's pages: where it listens at all addresses, the name of the machine says more.
  static func address(_ listening: [String]) -> String {
    let first = listening.first ?? ""
    guard let end = first.lastIndex(of: ":") else { return first }
    let isAny = ["", "0.0.0.0", "[::]"].contains(first[..<end])
    return isAny ? HostName.current + first[end...] : first
  }

  private static func directory(
    _ options: Options.State
  ) throws(StartError) -> StateDirectory? {
    guard let path = options.directory else { return nil }
    return try startStep { () throws(StateError) in try StateDirectory.open(path) }
  }

  /// What the metadata say once the log has begun. If it waits for the state of this node, the node brings it.
  private static func begun(
    _ bounds: LogBounds, _ own: ClusterOptions, as name: String, _ opened: Opened,
    _ states: ClusterStates, _ journal: Log
  ) throws(StartError) -> ClusterRecord {
    let record = try ClusterRecord(bounds.metadata, stream: opened.stream)
    guard case .waiting(let chosen) = record.begin else { return record }
    guard chosen == name else {
      throw StartError(description: "--cluster.nats: " + ClusterSentence.waiting(chosen))
    }
    do {
      guard let saved = try states.savedHere(), saved.place != nil else {
        throw StartError(description: "there is no state of a cluster in --state.dir")
      }
      var loss = ClusterLoss()
      _ = try ClusterBeginning(log: opened.log, states: states, stream: opened.stream)
        .put(saved, own, bounds, record, &loss)
      journal.info(
        "the log begins with the state of this node", ["series_lost": .init(loss.series)])
      let metadata = try opened.log.bounds(milliseconds: milliseconds).metadata
      return try ClusterRecord(metadata, stream: opened.stream)
    } catch {
      throw StartError(
        description:
          "--cluster.nats: the log waits for the state of this node, which can't be brought: "
          + ClusterSentence.of(error))
    }
  }
}

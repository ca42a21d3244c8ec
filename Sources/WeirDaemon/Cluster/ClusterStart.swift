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
  }

  /// Opens the log. It is made with this metadata if there is none.
  typealias Open = @Sendable (_ metadata: [String: String]) throws(LogFailure) -> Opened

  /// The metadata with which all nodes must agree.
  static let formatKey = "weir.format"
  static let secretKey = "weir.key"
  static let optionsKey = "weir.options"
  private static let milliseconds = 10_000

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

  /// - Parameters:
  ///   - flags: Those that differ from their defaults.
  init(_ options: Options, flags: [ChangedFlag], open: Open, journal: Log) throws(StartError) {
    let meaning = ClusterStart.meaning(flags)
    let wanted = [
      ClusterStart.formatKey: "\(ClusterFormat.version)",
      ClusterStart.secretKey: ClusterStart.freshSecret(),
      ClusterStart.optionsKey: meaning,
    ]
    let opened = try startStep { () throws(LogFailure) in try open(wanted) }
    self.opened = opened
    let bounds = try startStep { () throws(LogFailure) in
      try opened.log.bounds(milliseconds: ClusterStart.milliseconds)
    }
    let key = try ClusterStart.check(bounds.metadata, meaning, stream: opened.stream)
    states = ClusterStates(
      opened.store, directory: try ClusterStart.directory(options.state))
    let shared = options.view
    let settings = ClusterView.Settings(
      stream: "\(opened.stream) \(bounds.identity)", key: key, owners: shared.owners
    ) { second, unixSeconds in
      Aggregator(shared, startSecond: second, unixSeconds: unixSeconds)
    }
    let clock = Forwarding.bootMilliseconds
    instance = .fresh(wallMilliseconds: Forwarding.wallMilliseconds(), clock: clock)
    desk = ForwardDesk(
      instance: instance.number, key: nil, confirmsAll: true, clock: clock,
      wallSeconds: Log.wallSeconds)
    let view: ClusterView
    do {
      view = try states.load(settings, from: bounds.first)
    } catch {
      throw StartError(
        description: "--cluster.nats: " + ClusterSentence.noState(bounds.first, "\(error)"))
    }
    let sequence = view.sequence
    guard sequence <= bounds.last else {
      throw StartError(description: "--cluster.nats: " + ClusterSentence.replaced)
    }
    shown = ShownSeries(view.aggregator, view.owners)
    standing = ClusterStanding(
      sequence >= bounds.last ? .current : .joining(until: bounds.last), sequence: sequence,
      at: clock())
    reader = ClusterReader(
      view, settings, node: instance.number, log: opened.log, states: states, shown: shown,
      markers: markers, nodes: nodes, standing: standing, meter: meter, journal: journal,
      clock: clock)
    let counts = shown.aggregator.counts()
    journal.info(
      "joining the cluster",
      [
        "stream": .text(opened.stream), "servers": .text(opened.servers),
        "from": .init(Int(clamping: sequence)), "until": .init(Int(clamping: bounds.last)),
        "series": .init(MetricKind.allCases.reduce(0) { $0 + counts.series($1) }),
      ])
  }

  /// All parts of the node.
  ///
  /// - Parameter aggregator: What counts the text that comes in here.
  func cluster(_ options: Options, aggregator: Aggregator, journal: Log) -> Cluster {
    let clock = Forwarding.bootMilliseconds
    let node = instance.number
    let hop = LogHop(node: node, log: opened.log, desk: desk, meter: meter, clock: clock)
    var frames = ForwardFrames.Settings(
      instance: node, startMilliseconds: instance.startMilliseconds)
    // As long as what a message takes, because each frame has its strings once.
    frames.frameBytes = 32_768
    let forwarder = Forwarder(
      aggregator: aggregator, instance: instance, frames: frames, desk: desk, hop: hop,
      log: journal, wallMilliseconds: Forwarding.wallMilliseconds)
    var wiring = Cluster.Settings(node: node, stream: opened.stream, servers: opened.servers)
    wiring.barrier = .milliseconds(options.cluster.barrierMilliseconds)
    wiring.readsLocally = options.cluster.read == .local
    wiring.name = options.cluster.node.isEmpty ? HostName.current : options.cluster.node
    wiring.address = options.web.listenAddresses.first ?? ""
    return Cluster(
      wiring, log: opened.log, desk: desk, hop: hop, forwarder: forwarder, reader: reader,
      markers: markers, nodes: nodes, states: states, shown: shown, standing: standing,
      meter: meter,
      journal: journal, clock: clock)
  }

  private static func directory(
    _ options: Options.State
  ) throws(StartError) -> StateDirectory? {
    guard let path = options.directory else { return nil }
    return try startStep { () throws(StateError) in try StateDirectory.open(path) }
  }

  /// The flags that change what a view makes of a message, as text.
  static func meaning(_ flags: [ChangedFlag]) -> String {
    flags.filter(\.changesView).map { "\($0.flag)=\($0.value)" }.joined(separator: " ")
  }

  /// The key of the fingerprints of a new cluster.
  private static func freshSecret() -> String {
    let key = KeyStream()
    return "\(key.state) \(key.salt)"
  }

  /// - Returns: The key of the fingerprints.
  private static func check(
    _ metadata: [String: String], _ meaning: String, stream: String
  ) throws(StartError) -> KeyStream {
    let format = metadata[formatKey] ?? "none"
    guard format == "\(ClusterFormat.version)" else {
      throw StartError(
        description:
          "--cluster.nats: stream \(stream) has format \(format), and this Weir writes "
          + "\(ClusterFormat.version); use another --cluster.name, or the Weir that made the stream"
      )
    }
    let words = (metadata[secretKey] ?? "").split(separator: " ").compactMap { UInt64($0) }
    guard words.count == 2 else {
      throw StartError(
        description:
          "--cluster.nats: stream \(stream) has no key of a Weir; use another --cluster.name")
    }
    let known = metadata[optionsKey] ?? ""
    guard known == meaning else {
      throw StartError(
        description:
          "--cluster.nats: the nodes of this cluster run with \(known.isEmpty ? "no flags" : known) "
          + "that change what is counted, and this one with \(meaning.isEmpty ? "none" : meaning); give all "
          + "nodes the same")
    }
    return KeyStream(state: words[0], salt: words[1])
  }
}

extension Aggregator {
  /// The aggregator of a view. Mapping rules change names where lines come in, not here.
  fileprivate convenience init(
    _ view: Options.View, startSecond: UInt32, unixSeconds: @escaping @Sendable () -> UInt32
  ) {
    self.init(
      rules: view.rules, limits: view.limits, names: view.names,
      zeroFirstSeconds: view.zeroFirstSeconds, startSecond: startSecond,
      unixSeconds: unixSeconds)
    for family in ProcessFamily.all { reserve(family.name, kind: family.kind) }
  }
}

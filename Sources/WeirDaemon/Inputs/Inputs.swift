import WeirAggregation
import WeirConfiguration
import WeirSockets

/// All sockets that StatsD comes in by.
struct Inputs: Sendable {
  private let datagrams: DatagramListeners
  private let streams: StreamListeners

  /// Binds everything, or nothing. Nothing is received until `start`.
  ///
  /// - Parameter handed: Sockets that were handed over, which are used as they are.
  init(
    _ options: Options, handed: HandedInputs, aggregator: Aggregator, pushed: Pushed,
    refused: RefusedLines, keeper: StateKeeper?, relay: LineRelay?, traffic: Traffic, taps: TapDesk,
    log: Log
  ) throws(StartError) {
    let plan = try InputPlan(
      options.statsd, handed: handed, compatibleWith: options.compatibility)
    let handedCount = handed.statsd.count + handed.web.count
    if handedCount > 0 {
      log.info("using sockets that were handed over", ["sockets": .init(handedCount)])
    }
    let parts = PipelineParts(
      options: options.statsd, aggregator: aggregator, pushed: pushed, refused: refused,
      accepted: log.writes(.debug) ? AcceptedLines(log: log) : nil, keeper: keeper,
      relay: relay, traffic: traffic, taps: taps, log: log)
    datagrams = try DatagramListeners(plan, handed: handed, parts)
    let connectionsMax = try DescriptorBudget.streamConnections(options, handed, log: log)
    streams = try StreamListeners(plan, handed: handed, connectionsMax: connectionsMax, parts)
  }

  var listeners: [Listener] { datagrams.listeners + streams.listeners }

  /// Connections of streams that may be open, and those that are; nil where no listener takes any.
  var places: StreamPlaces? { streams.listeners.isEmpty ? nil : streams.places }

  /// Each returns when the queue of a receiver has answered.
  var answers: [@Sendable () async -> Void] {
    datagrams.receivers.map { receiver -> @Sendable () async -> Void in
      { await receiver.answer() }
    }
      + streams.receivers.map { receiver -> @Sendable () async -> Void in
        { await receiver.answer() }
      }
  }

  func start() async {
    for receiver in datagrams.receivers { await receiver.start() }
    for receiver in streams.receivers { await receiver.start() }
  }

  /// Takes in what has come so far, and receives no more.
  func stop() async {
    await withTaskGroup { group in
      for receiver in datagrams.receivers { group.addTask { await receiver.stop() } }
      for receiver in streams.receivers { group.addTask { await receiver.stop() } }
    }
  }
}

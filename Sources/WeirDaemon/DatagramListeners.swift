import WeirAggregation
import WeirConfiguration
import WeirSockets

/// The UDP listeners, and a receiver for each of their sockets.
struct DatagramListeners: Sendable {
  private(set) var listeners: [Listener] = []
  private(set) var receivers: [Receiver] = []

  /// Binds every address, or none. Nothing is received until the receivers start.
  init(
    _ options: Options.StatsD, aggregator: Aggregator, pushed: Pushed, refused: RefusedLines,
    keeper: StateKeeper? = nil, log: Log
  ) throws(StartError) {
    let (plan, filters) = try DatagramListeners.check(options)
    let accepted = log.writes(.debug) ? AcceptedLines(log: log) : nil
    for entry in plan.entries {
      guard let filter = filters[entry.text] else {
        preconditionFailure("every listener has a filter")
      }
      var group = try DatagramListeners.bind(entry, options)
      var listener = Listener(
        address: group.address, receiveBufferBytes: group.receiveBufferBytes)
      while let socket = group.next() {
        if options.receivesSegments { try DatagramListeners.receiveSegments(socket) }
        let meter = IngestMeter()
        listener.meters.append(meter)
        listener.drops.append(socket.drops)
        let answers = try DatagramListeners.answers(of: socket, keeper, pushed)
        let pipeline = IngestPipeline(
          aggregator: aggregator, options: options.lines(at: entry.text), admission: filter,
          pushed: pushed, meter: meter, refused: refused, accepted: accepted,
          answers: answers, log: log,
          now: Log.wallClock)
        receivers.append(
          Receiver(
            socket: socket, pipeline: pipeline,
            gatherNanoseconds: UInt64(options.gatherMilliseconds) * 1_000_000,
            splitsSegments: options.receivesSegments, log: log))
      }
      listeners.append(listener)
    }
  }

  /// Checks everything that needs no socket.
  ///
  /// - Returns: The addresses to bind, and each listener's filter by its address as written.
  @discardableResult
  static func check(
    _ options: Options.StatsD
  ) throws(StartError) -> (plan: ListenPlan, filters: [String: ListenerFilter]) {
    let plan = try ListenPlan(options.listenUDP, flag: "--statsd.listen-udp")
    let filters = try ListenerFilter.of(
      listeners: options.listenUDP, allow: options.allow, takesText: options.takesText)
    for address in options.gaugeSigns.listeners where !options.listenUDP.contains(address) {
      throw StartError.unknownListener(address, flag: "--statsd.gauge-sign")
    }
    return (plan, filters)
  }

  private static func bind(
    _ entry: ListenPlan.Entry, _ options: Options.StatsD
  ) throws(StartError) -> UDPGroup {
    try startStep { () throws(ListenError) in
      try UDPGroup.bind(
        to: entry.address, isIPv6Only: entry.isIPv6Only, receivers: options.receivers,
        readBufferBytes: options.readBufferBytes > 0 ? options.readBufferBytes : nil,
        flag: "--statsd.listen-udp")
    }
  }

  /// What answers frames later than when they are received; nil where they are answered at once.
  private static func answers(
    of socket: borrowing UDPSocket, _ keeper: StateKeeper?, _ pushed: Pushed
  ) throws(StartError) -> LaterAnswers? {
    guard keeper != nil || pushed.forward != nil else { return nil }
    let answers: AnswerSocket
    do throws(SystemError) {
      answers = try AnswerSocket(of: socket)
    } catch {
      throw StartError(
        description: "a socket can't be duplicated: \(error); raise the limit of open files")
    }
    if pushed.forward != nil { return .relayed(answers) }
    return keeper.map {
      .committed(CommittedAnswers(keeper: $0, socket: answers, meter: pushed.meter))
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
}

import WeirConfiguration
import WeirSockets

/// The UDP and Unix datagram listeners, and a receiver for each of their sockets.
struct DatagramListeners: Sendable {
  private(set) var listeners: [Listener] = []
  private(set) var receivers: [Receiver] = []

  /// Binds every address and path, or none. Nothing is received until the receivers start.
  init(_ plan: InputPlan, handed: HandedInputs, _ parts: PipelineParts) throws(StartError) {
    let options = parts.options
    for sockets in handed.udpByAddress {
      var group = UDPGroup.taking(
        sockets, readBufferBytes: options.readBufferBytes > 0 ? options.readBufferBytes : nil)
      let text = group.address.description
      try add(&group, at: text, plan.filter(of: text), parts)
    }
    for socket in handed.unixgram {
      let text = socket.name.description
      try add(socket.takeUnixDatagram(), at: text, plan.filter(of: text), parts)
    }
    for entry in plan.udp.entries {
      var group = try DatagramListeners.bind(entry, options)
      try add(&group, at: entry.text, plan.filter(of: entry.text), parts)
    }
    for path in plan.unixgram {
      let socket = try startStep { () throws(UnixListenError) in
        try UnixDatagramSocket.bind(
          to: path, mode: UInt32(options.unixSocketMode), flag: "--statsd.listen-unixgram")
      }
      try add(socket, at: path.text, plan.filter(of: path.text), parts)
    }
  }

  /// Adds the sockets of a UDP address.
  ///
  /// - Parameter text: The address as written.
  private mutating func add(
    _ group: inout UDPGroup, at text: String, _ filter: ListenerFilter, _ parts: PipelineParts
  ) throws(StartError) {
    let options = parts.options
    var listener = Listener(
      name: .address(group.address), transport: .udp, receiveBufferBytes: group.receiveBufferBytes)
    while let socket = group.next() {
      if options.receivesSegments { try DatagramListeners.receiveSegments(socket) }
      let meter = IngestMeter()
      listener.meters.append(meter)
      listener.drops.append(socket.drops)
      let answers = try DatagramListeners.answers(of: socket.descriptor, parts)
      let bufferBytes = socket.receiveBufferBytes
      receivers.append(
        Receiver(
          socket: .udp(socket),
          pipeline: parts.pipeline(at: text, filter, meter, answers: answers), meter: meter,
          bufferBytes: bufferBytes,
          gatherNanoseconds: UInt64(options.gatherMilliseconds) * 1_000_000,
          splitsSegments: options.receivesSegments, log: parts.log))
    }
    listeners.append(listener)
  }

  /// Adds a Unix socket. Its datagrams do not gather: the kernel's queue has few places, and senders wait
  /// for one.
  private mutating func add(
    _ socket: consuming UnixDatagramSocket, at text: String, _ filter: ListenerFilter,
    _ parts: PipelineParts
  ) throws(StartError) {
    let meter = IngestMeter()
    listeners.append(
      Listener(name: .path(socket.path), transport: .unixgram, meters: [meter]))
    let answers = try DatagramListeners.answers(of: socket.descriptor, parts)
    receivers.append(
      Receiver(
        socket: .unix(socket), pipeline: parts.pipeline(at: text, filter, meter, answers: answers),
        meter: meter, bufferBytes: 0, gatherNanoseconds: 0, splitsSegments: false, log: parts.log))
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
    of socket: borrowing FileDescriptor, _ parts: PipelineParts
  ) throws(StartError) -> LaterAnswers? {
    let (keeper, pushed) = (parts.keeper, parts.pushed)
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

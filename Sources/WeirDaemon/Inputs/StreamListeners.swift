import WeirConfiguration
import WeirSockets

/// The TCP and Unix stream listeners, and the receiver of each.
struct StreamListeners: Sendable {
  private(set) var listeners: [Listener] = []
  private(set) var receivers: [StreamReceiver] = []
  /// The connections of all of them.
  let places: StreamPlaces

  /// Binds every address and path, or none. Nothing is accepted until the receivers start.
  ///
  /// - Parameter connectionsMax: The connections that the limit on open files has room for.
  init(
    _ plan: InputPlan, handed: HandedInputs, connectionsMax: Int, _ parts: PipelineParts
  ) throws(StartError) {
    places = StreamPlaces(limit: connectionsMax)
    for socket in handed.tcp {
      let text = socket.name.description
      add(
        StreamSocket(socket.takeTCP(), isShared: true), at: text, .tcp, plan.filter(of: text),
        parts)
    }
    for socket in handed.unix {
      let text = socket.name.description
      add(StreamSocket(socket.takeUnixListener()), at: text, .unix, plan.filter(of: text), parts)
    }
    for entry in plan.tcp.entries {
      let listener = try startStep { () throws(ListenError) in
        try TCPListener.bind(
          to: entry.address, isIPv6Only: entry.isIPv6Only, flag: "--statsd.listen-tcp")
      }
      add(StreamSocket(listener), at: entry.text, .tcp, plan.filter(of: entry.text), parts)
    }
    for path in plan.unix {
      let listener = try startStep { () throws(UnixListenError) in
        try UnixListener.bind(
          to: path, mode: UInt32(parts.options.unixSocketMode), flag: "--statsd.listen-unix")
      }
      add(StreamSocket(listener), at: path.text, .unix, plan.filter(of: path.text), parts)
    }
  }

  private mutating func add(
    _ socket: consuming StreamSocket, at text: String, _ transport: Listener.Transport,
    _ filter: ListenerFilter, _ parts: PipelineParts
  ) {
    let (ingest, meter) = (IngestMeter(), StreamMeter())
    listeners.append(
      Listener(name: socket.name, transport: transport, meters: [ingest], connections: meter))
    let limits = StreamReceiver.Limits(
      places: places, networks: filter.networks, idleSeconds: Double(parts.options.idleSeconds))
    receivers.append(
      StreamReceiver(
        socket, pipeline: parts.pipeline(at: text, filter, ingest), limits: limits, meter: meter,
        log: parts.log))
  }
}

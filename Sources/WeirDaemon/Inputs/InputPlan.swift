import WeirConfiguration
import WeirSockets

/// Where Weir is to receive StatsD, as far as no socket is needed to know it.
struct InputPlan: Sendable {
  let udp: ListenPlan
  let tcp: ListenPlan
  let unixgram: [UnixPath]
  let unix: [UnixPath]
  /// By the address or the path as written.
  private let filters: [String: ListenerFilter]

  /// - Parameter handed: Sockets that were handed over. Their addresses and paths are those of listeners,
  ///   too.
  /// - Throws: `StartError`: the first mistake.
  init(
    _ options: Options.StatsD, handed: HandedInputs = HandedInputs(),
    compatibleWith program: Compatibility? = nil
  ) throws(StartError) {
    udp = try ListenPlan(options.listenUDP, flag: "--statsd.listen-udp")
    tcp = try ListenPlan(options.listenTCP, flag: "--statsd.listen-tcp")
    unixgram = try Self.paths(options.listenUnixgram, flag: "--statsd.listen-unixgram")
    unix = try Self.paths(options.listenUnix, flag: "--statsd.listen-unix")
    if let path = unixgram.first(where: unix.contains) {
      throw StartError(
        description: "--statsd.listen-unix: \"\(path.text)\" is a path of --statsd.listen-unixgram "
          + "as well; write another one")
    }
    if !options.takesText, let flag = Self.streamFlag(options, handed) {
      throw StartError(
        description:
          "\(flag): connections carry lines of text only, which --no-statsd.text refuses; "
          + "leave one of them out")
    }
    let addresses =
      options.listenUDP + options.listenTCP + (handed.udp + handed.tcp).map(\.name.description)
    var filters = try ListenerFilter.of(
      listeners: addresses, allow: options.allow, takesText: options.takesText)
    let paths = (handed.unixgram + handed.unix).map(\.name.description)
    for path in options.listenUnixgram + options.listenUnix + paths {
      filters[path] = ListenerFilter(takesText: options.takesText)
    }
    self.filters = filters
    for address in options.gaugeSigns.listeners where filters[address] == nil {
      throw StartError.unknownListener(address, flag: "--statsd.gauge-sign")
    }
    if program == .statsdExporter, filters.isEmpty {
      throw StartError(
        description: "there is nothing to receive on: set one of --statsd.listen-udp, "
          + "--statsd.listen-tcp, --statsd.listen-unixgram and --statsd.listen-unix")
    }
  }

  /// The filter of a listener, by its address or path as written.
  func filter(of listener: String) -> ListenerFilter {
    guard let filter = filters[listener] else {
      preconditionFailure("every listener has a filter")
    }
    return filter
  }

  private static func paths(_ texts: [String], flag: String) throws(StartError) -> [UnixPath] {
    try texts.map { text throws(StartError) in
      guard let path = UnixPath(text) else {
        throw StartError(description: "\(flag): \"\(text)\" is not the path of a Unix socket")
      }
      return path
    }
  }

  /// The flag of a listener that takes connections; nil where there is none.
  private static func streamFlag(_ options: Options.StatsD, _ handed: HandedInputs) -> String? {
    if !options.listenTCP.isEmpty || !handed.tcp.isEmpty { return "--statsd.listen-tcp" }
    return options.listenUnix.isEmpty && handed.unix.isEmpty ? nil : "--statsd.listen-unix"
  }
}

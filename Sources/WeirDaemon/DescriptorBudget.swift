import WeirConfiguration
import WeirSockets

/// How many connections the limit on open files has room for: of HTTP, and of senders' streams.
struct DescriptorBudget: Sendable {
  /// The fewest useful connections: for two scrapers, a person and a probe.
  static let connectionsMin = 4
  /// Files and sockets other than listeners and connections: those of the event loop and of
  /// signals, files that are read at a scrape or a reload, and one that is kept free.
  static let othersMax = 24

  /// How many files the system lets this process open, raised as far as it allows.
  let limit: Int
  /// The files that are open already, and sockets that are still to be bound.
  let taken: Int

  /// Checks at the start that the limit is high enough, because an error about a missing descriptor
  /// would be hard to understand.
  static func check(_ options: Options, _ handed: HandedInputs) throws(StartError) {
    _ = try DescriptorBudget(unbound: listeners(options, handed))
      .shares(web: options.web.connectionsMax, streams: streams(options, handed))
  }

  /// Connections of all stream listeners together.
  ///
  /// - Throws: `StartError` if there is not even room for a few.
  static func streamConnections(
    _ options: Options, _ handed: HandedInputs, log: Log
  ) throws(StartError) -> Int {
    let asked = streams(options, handed)
    guard asked > 0 else { return 0 }
    let budget = try DescriptorBudget(unbound: listeners(options, handed))
    let granted = try budget.shares(web: options.web.connectionsMax, streams: asked).streams
    if granted < asked {
      log.warn(
        "the limit on open files allows fewer connections than --limit.tcp-connections",
        [
          "asked": .init(asked), "granted": .init(granted),
          "remedy": .text("ulimit -n \(budget.needed(for: options.web.connectionsMax + asked))"),
        ])
    }
    return granted
  }

  /// Descriptors of listeners that are still to be opened, at most.
  static func listeners(_ options: Options, _ handed: HandedInputs) -> Int {
    let statsd = options.statsd
    let datagrams = statsd.listenUDP.count * statsd.receivers + statsd.listenUnixgram.count
    // Where answers to frames wait for a commit or the next hop, each socket has another descriptor for them.
    let mayWait = options.state.directory != nil || options.forward.target != nil
    let answers = mayWait ? datagrams + handed.udp.count + handed.unixgram.count : 0
    let streams = statsd.listenTCP.count + statsd.listenUnix.count
    // A stream listener keeps a spare one.
    return datagrams + answers + 2 * streams + handed.tcp.count + handed.unix.count
      + options.web.listenAddresses.count + options.relay.addresses.count
  }

  /// Connections of streams that are asked for; 0 where no listener takes any.
  static func streams(_ options: Options, _ handed: HandedInputs) -> Int {
    let statsd = options.statsd
    let hasListener =
      !(statsd.listenTCP.isEmpty && statsd.listenUnix.isEmpty && handed.tcp.isEmpty
      && handed.unix.isEmpty)
    return hasListener ? statsd.connectionsMax : 0
  }

  /// - Parameter unbound: Sockets that are still to be bound.
  init(unbound: Int) throws(StartError) {
    do throws(SystemError) {
      limit = try DescriptorLimit.raise()
    } catch {
      throw StartError(description: "the limit on open files cannot be read: \(error)")
    }
    taken = DescriptorLimit.openCount() + unbound
  }

  init(limit: Int, taken: Int) {
    self.limit = limit
    self.taken = taken
  }

  /// HTTP connections that may be open at once where no streams are taken.
  func connections(asked: Int) throws(StartError) -> Int {
    try shares(web: asked, streams: 0).web
  }

  /// Connections that may be open at once. Where both kinds do not fit, streams get what HTTP leaves, but
  /// at least half.
  ///
  /// - Throws: `StartError` if there is no room for `connectionsMin` of each.
  func shares(web: Int, streams: Int) throws(StartError) -> (web: Int, streams: Int) {
    let room = limit - taken - DescriptorBudget.othersMax
    let least =
      min(web, DescriptorBudget.connectionsMin)
      + min(streams, DescriptorBudget.connectionsMin)
    guard room >= least else {
      let lower =
        streams == 0
        ? "--web.max-connections lower" : "--web.max-connections and --limit.tcp-connections lower"
      throw StartError(
        description: "the limit of \(limit) open files is too low; Weir needs "
          + "\(needed(for: web + streams)), so raise it with ulimit -n or LimitNOFILE=, or set "
          + "\(lower) (\(needed(for: streams == 0 ? DescriptorBudget.connectionsMin : least)) is the least)"
      )
    }
    let given = min(streams, max(room - web, room / 2))
    return (min(web, room - given), given)
  }

  /// Open files that this many connections need.
  func needed(for connections: Int) -> Int { taken + DescriptorBudget.othersMax + connections }
}

import WeirConfiguration
import WeirSockets

/// How many HTTP connections the limit on open files has room for.
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
  static func check(_ options: Options) throws(StartError) {
    // With a state, answers to frames have a descriptor of their own for each socket.
    let listeners =
      options.statsd.listenUDP.count * options.statsd.receivers
      * (options.state.directory == nil ? 1 : 2)
      + options.web.listenAddresses.count
    _ = try DescriptorBudget(unbound: listeners)
      .connections(asked: options.web.connectionsMax)
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

  /// Connections that may be open at once.
  ///
  /// - Throws: `StartError` if there is no room for `connectionsMin`.
  func connections(asked: Int) throws(StartError) -> Int {
    let room = limit - taken - DescriptorBudget.othersMax
    guard room >= min(asked, DescriptorBudget.connectionsMin) else {
      throw StartError(
        description: "the limit of \(limit) open files is too low; Weir needs "
          + "\(needed(for: asked)), so raise it with ulimit -n or LimitNOFILE=, or set "
          + "--web.max-connections lower (\(needed(for: DescriptorBudget.connectionsMin)) is the least)"
      )
    }
    return min(asked, room)
  }

  /// Open files that this many connections need.
  func needed(for connections: Int) -> Int { taken + DescriptorBudget.othersMax + connections }
}

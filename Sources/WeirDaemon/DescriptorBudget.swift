import WeirConfiguration
import WeirSockets

/// How many HTTP connections the limit on open files and sockets leaves room for.
struct DescriptorBudget: Sendable {
  /// Fewer connections than these are no service: a scraper of each kind, a person and a probe.
  static let connectionsMin = 4
  /// Files and sockets beside listeners and connections: those of the event loop and of signals, files
  /// that are read at a scrape or a reload, and one that is kept free.
  static let othersMax = 24

  /// What the system lets this process have open, raised as far as it goes.
  let limit: Int
  /// What is open already, and sockets that are still to be bound.
  let taken: Int

  /// - Parameter unbound: sockets that are still to be bound.
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
  /// - Throws: `StartError` where there is no room for `connectionsMin`.
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

  /// Open files that it takes to have so many connections.
  func needed(for connections: Int) -> Int { taken + DescriptorBudget.othersMax + connections }
}

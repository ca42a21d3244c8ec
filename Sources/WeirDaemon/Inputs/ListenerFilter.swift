import WeirSockets

/// Which datagrams and connections a listener accepts.
struct ListenerFilter: Sendable {
  /// Where they may come from; empty for any source.
  var networks = SourceNetworks()
  /// Whether lines of text are accepted, and not only the push protocol.
  var takesText = true

  /// Whether the source of a message is allowed. One without an address is allowed only where every source is.
  @inline(__always)
  func admits(_ index: Int, of messages: borrowing some MessageBatch & ~Copyable) -> Bool {
    networks.isEmpty
      || messages.source(of: index).address.map { networks.contains($0) } ?? false
  }

  /// The filter of each listener, by its address as written.
  ///
  /// - Parameter allow: Networks: each for all listeners, or, after an address and `=`, for one.
  /// - Throws: `StartError`: an invalid network, or an address that is not a listener's.
  static func of(
    listeners: [String], allow: [String], takesText: Bool
  ) throws(StartError) -> [String: ListenerFilter] {
    var filters: [String: ListenerFilter] = [:]
    for listener in listeners { filters[listener] = ListenerFilter(takesText: takesText) }
    for text in allow {
      var targets = listeners
      var network = text[...]
      if let mark = text.lastIndex(of: "=") {
        targets = [String(text[..<mark])]
        network = text[text.index(after: mark)...]
        guard listeners.contains(targets[0]) else {
          throw StartError.unknownListener(targets[0], flag: "--statsd.allow")
        }
      }
      do throws(SourceNetworkError) {
        for listener in targets { try filters[listener]?.networks.add(String(network)) }
      } catch {
        throw StartError(description: "--statsd.allow: \(error.description)")
      }
    }
    return filters
  }
}

extension StartError {
  /// A flag names the address of a listener that does not exist.
  static func unknownListener(_ address: String, flag: String) -> StartError {
    StartError(
      description: "\(flag): \"\(address)\" is not an address of --statsd.listen-udp or "
        + "--statsd.listen-tcp; write it as there, or leave it out to mean all of them")
  }
}

import WeirSockets

/// Which datagrams a listener takes in.
struct Admission: Sendable {
  /// Where they may come from; empty for anywhere.
  var networks = SourceNetworks()
  /// Whether lines of text are taken, and not the push protocol alone.
  var takesText = true

  /// Whether a datagram comes from where one may.
  @inline(__always)
  func admits(_ index: Int, of datagrams: borrowing DatagramBatch) -> Bool {
    networks.isEmpty || networks.contains(datagrams.sender(of: index))
  }

  /// What each listener admits, by its address as written.
  ///
  /// - Parameter allow: Networks, for all listeners or, behind an address and `=`, for one.
  /// - Throws: `StartError`, for a network that is none or an address that nobody listens on.
  static func of(
    listeners: [String], allow: [String], takesText: Bool
  ) throws(StartError) -> [String: Admission] {
    var admissions: [String: Admission] = [:]
    for listener in listeners { admissions[listener] = Admission(takesText: takesText) }
    for text in allow {
      var whose = listeners
      var network = text[...]
      if let mark = text.lastIndex(of: "=") {
        whose = [String(text[..<mark])]
        network = text[text.index(after: mark)...]
        guard listeners.contains(whose[0]) else {
          throw StartError(
            description: "--statsd.allow: \"\(whose[0])\" is no address of --statsd.listen-udp; "
              + "write it as there, or leave it out to mean all of them")
        }
      }
      do throws(SourceNetworkError) {
        for listener in whose { try admissions[listener]?.networks.add(String(network)) }
      } catch {
        throw StartError(description: "--statsd.allow: \(error.description)")
      }
    }
    return admissions
  }
}

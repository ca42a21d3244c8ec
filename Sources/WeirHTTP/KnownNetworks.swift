import WeirSockets

/// The networks from which requests have been authorized, the most recent one last.
struct KnownNetworks {
  /// Several times the number of Prometheus servers that scrape one Weir.
  static let countMax = 64

  private var networks: [ClientNetwork] = []

  func contains(_ network: ClientNetwork) -> Bool { networks.contains(network) }

  /// Adds a network, or marks it as the most recent. The least recent one is evicted at `countMax`.
  ///
  /// - Complexity: O(`countMax`), O(1) for the most recent one.
  mutating func insert(_ network: ClientNetwork) {
    guard networks.last != network else { return }
    if let index = networks.firstIndex(of: network) {
      networks.remove(at: index)
    } else if networks.count == KnownNetworks.countMax {
      networks.removeFirst()
    }
    networks.append(network)
  }
}

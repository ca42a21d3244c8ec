import WeirSockets

/// Networks from which a request was let in, the one heard of last at the end.
struct KnownNetworks {
  /// Scrapers of one Weir, several times over.
  static let countMax = 64

  private var networks: [ClientNetwork] = []

  func contains(_ network: ClientNetwork) -> Bool { networks.contains(network) }

  /// - Complexity: O(`countMax`), O(1) for the one heard of last.
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

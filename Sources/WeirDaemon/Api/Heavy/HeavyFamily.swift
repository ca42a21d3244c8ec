import WeirAggregation
import WeirExposition
import WeirGroups
import WeirMetrics

/// All series of one name, as heavy questions read them: received ones, and those of pushed groups.
struct HeavyFamily: Sendable {
  /// As it is spelled in series.
  let name: [UInt8]
  let received: SeriesFamily?
  let pushed: PushedFamily?

  /// Without quotes and escapes.
  var rawName: [UInt8] { SpelledName.raw(name) }

  /// How many there were when the catalogue was read.
  var series: Int { (received?.series.count ?? 0) + (pushed?.series.count ?? 0) }

  /// `counter`, `gauge`, `histogram`, `summary`, `set` or `unknown`.
  var type: String {
    if let received {
      return received.kind == .set ? "set" : "\(received.seriesClass.exposedType.word)"
    }
    return "\((pushed?.type ?? .unknown).word)"
  }

  /// Received families and pushed ones by name, each name once.
  ///
  /// - Complexity: O(families).
  static func all(_ catalog: Catalog, _ groups: GroupPage) -> [HeavyFamily] {
    var all: [HeavyFamily] = []
    all.reserveCapacity(catalog.families.count + groups.families.count)
    var pushed = groups.families[...]
    for family in catalog.families {
      while let next = pushed.first, next.name.lexicographicallyPrecedes(family.name) {
        all.append(HeavyFamily(name: next.name, received: nil, pushed: pushed.removeFirst()))
      }
      let same = pushed.first?.name == family.name ? pushed.removeFirst() : nil
      all.append(HeavyFamily(name: family.name, received: family, pushed: same))
    }
    return all + pushed.map { HeavyFamily(name: $0.name, received: nil, pushed: $0) }
  }
}

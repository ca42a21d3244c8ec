import Synchronization
import WeirBytes

/// How many series a name has, and had some minutes ago. Both include the place of an overflow series.
package struct NamePlaces: Sendable, Equatable {
  package let places: Int
  /// 0 for a name that did not exist.
  package let placesBefore: Int
}

extension Aggregator {
  /// Names whose places are read at once, under the registry's lock.
  private static let namesAtOnce = 1_024

  /// The places of some names, now and about ten minutes ago: 10 to 15 minutes, or since the start.
  ///
  /// - Parameter names: As they are spelled.
  /// - Returns: For each name its places, nil for one that no sender uses; and how many seconds ago it had those
  ///   before.
  /// - Complexity: O(names). The registry is locked for 1,024 of them at a time.
  package func growth(of names: [[UInt8]]) -> (places: [NamePlaces?], seconds: Int) {
    var places: [NamePlaces?] = []
    places.reserveCapacity(names.count)
    var rest = names[...]
    // The same for all names, while the clock moves on.
    let second = clock.load(ordering: .relaxed)
    while !rest.isEmpty {
      let some = rest.prefix(Aggregator.namesAtOnce).map { HashedName($0, hash) }
      rest = rest.dropFirst(some.count)
      places += registry.withLock { registry in some.map { registry.places(of: $0) } }
    }
    let start = registry.withLock { $0.startSecond }
    let before = PlaceMarks.oldestSecond(atSecond: second, startSecond: start)
    return (places, Int(second - before))
  }
}

extension FamilyRegistry {
  fileprivate func places(of name: HashedName) -> NamePlaces? {
    guard let family = families[name], family.places > 0 else { return nil }
    return NamePlaces(
      places: family.places,
      placesBefore: family.marks.oldest(atSecond: second, places: family.places))
  }
}

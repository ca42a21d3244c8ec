import Synchronization
import WeirBytes
import WeirMetrics

extension FamilyRegistry {
  /// Gives back names of pushed groups, and takes others.
  ///
  /// - Returns: Why one of them can't be taken, as one sentence; nil if all are. If not, nothing has changed.
  /// - Complexity: O(names).
  mutating func exchange(released: [[UInt8]], taken: [GroupName]) -> String? {
    var before: [(name: HashedName, type: FamilyType?)] = []
    for name in released {
      let name = HashedName(name, hash)
      before.append((name, groupNames.set(name, nil)))
    }
    for group in taken {
      let name = HashedName(group.name, hash)
      before.append((name, groupNames.set(name, group.type)))
    }
    // After all are there, so that their order does not matter.
    for group in taken {
      guard let sentence = mistake(HashedName(group.name, hash), group.type) else { continue }
      for (name, type) in before.reversed() { _ = groupNames.set(name, type) }
      return sentence
    }
    return nil
  }

  /// Why groups can't use a name.
  private func mistake(_ name: HashedName, _ type: FamilyType) -> String? {
    func text(_ name: [UInt8]) -> String { String(decoding: name, as: UTF8.self) }
    if ReservedNames.contains(name.bytes) {
      return "the name \(text(name.bytes)) is Weir's own, or Prometheus' own"
    }
    if let family = families[name] {
      let known = classes[family.classID].seriesClass.familyType
      if known != type {
        return "\(text(name.bytes)) is a \(type.word) here, and a \(known.word) of another sender"
      }
    }
    if let other = groupNames.clash(name, type, hash, allowsCreated: true)
      ?? familyClash(name, type)
    {
      return
        "\(text(name.bytes)) and \(text(other)) can't be on one page: one of them is the name of a "
        + "sample of the other"
    }
    return nil
  }

  /// A name of senders that a name of groups and its type exclude.
  private func familyClash(_ name: HashedName, _ type: FamilyType) -> [UInt8]? {
    for suffix in FamilyNames.observationSuffixes {
      if let stem = SpelledName.removing(suffix, from: name.bytes),
        families[HashedName(stem, hash)]?.kind == .histogram,
        !(type == .gauge && groupNames.isCreated(name, hash))
      {
        return stem
      }
      guard type.isObservations else { continue }
      let longer = HashedName(SpelledName.appending(suffix, to: name.bytes), hash)
      if families[longer] != nil { return longer.bytes }
    }
    return nil
  }
}

extension Aggregator {
  /// Gives back names of pushed groups, and takes others: see `FamilyRegistry.exchange`.
  package func exchangeGroupNames(released: [[UInt8]], taken: [GroupName]) -> String? {
    let sentence = registry.withLock { $0.exchange(released: released, taken: taken) }
    // A name that was refused because of its type may be free now.
    if sentence == nil, !released.isEmpty { admissionEpoch.add(1, ordering: .releasing) }
    return sentence
  }
}

import WeirBytes
import WeirMetrics

/// Names that pushed groups show. Series of senders may share them with the same type only.
///
/// A group may have a gauge `h_created` beside its histogram `h`, as some client libraries push it: pages leave
/// it out where it would be illegal.
struct GroupNames {
  private var types: [HashedName: FamilyType] = [:]

  private static let created = Array("_created".utf8)

  subscript(name: HashedName) -> FamilyType? { types[name] }

  /// - Returns: What the name was before.
  mutating func set(_ name: HashedName, _ type: FamilyType?) -> FamilyType? {
    defer { types[name] = type }
    return types[name]
  }

  /// Whether senders may not use a name with a type, because of the names of groups.
  func refuse(_ name: HashedName, _ type: FamilyType, _ hash: KeyedHash) -> Bool {
    if types.isEmpty { return false }
    // A sender's `h_created` could not be left out.
    if let known = types[name] { return known != type || isCreated(name, hash) }
    return clash(name, type, hash, allowsCreated: false) != nil
  }

  /// Another name of groups that a name and a type exclude: one of them has the name of a sample of the other.
  func clash(
    _ name: HashedName, _ type: FamilyType, _ hash: KeyedHash, allowsCreated: Bool
  ) -> [UInt8]? {
    for suffix in FamilyNames.observationSuffixes {
      let mayBeCreated = allowsCreated && suffix == Self.created
      if let stem = SpelledName.removing(suffix, from: name.bytes),
        types[HashedName(stem, hash)]?.isObservations ?? false, !(mayBeCreated && type == .gauge)
      {
        return stem
      }
      let longer = SpelledName.appending(suffix, to: name.bytes)
      if type.isObservations, let other = types[HashedName(longer, hash)],
        !(mayBeCreated && other == .gauge)
      {
        return longer
      }
    }
    return nil
  }

  /// Whether a histogram or summary of groups comes with this name of its `_created`.
  func isCreated(_ name: HashedName, _ hash: KeyedHash) -> Bool {
    SpelledName.removing(Self.created, from: name.bytes).map {
      types[HashedName($0, hash)]?.isObservations ?? false
    } ?? false
  }
}

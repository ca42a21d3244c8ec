import WeirMetrics

extension FamilyRegistry {
  /// Why a name can't have series of a kind, independently of limits.
  func refusal(of name: HashedName, _ kind: MetricKind, hasLabels: Bool) -> Refusal? {
    if let family = families[name] {
      if family.kind != kind { return .typeClash }
      return family.isOwn && !hasLabels ? .reservedName : nil
    }
    if ReservedNames.contains(name.bytes) { return .reservedName }
    for suffix in FamilyNames.observationSuffixes {
      if let stem = SpelledName.removing(suffix, from: name.bytes),
        families[HashedName(stem, hash)]?.kind == .histogram
      {
        return .typeClash
      }
      if kind == .histogram,
        families[HashedName(SpelledName.appending(suffix, to: name.bytes), hash)] != nil
      {
        return .typeClash
      }
    }
    return nil
  }
}

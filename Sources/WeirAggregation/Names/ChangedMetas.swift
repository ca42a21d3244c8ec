import WeirMetrics

/// Help and units that have changed since the state file was written.
struct ChangedMetas {
  private var metas: [HashedName: FamilyMeta] = [:]

  /// At most one for each name that can have any; the names of many others may have come and gone.
  private static let countMax = FamilyRegistry.metasMax + WaitingMetas.countMax

  mutating func note(_ meta: FamilyMeta, of name: HashedName) {
    // The one that is left out is lost if Weir ends before the next base, and comes again with its
    // sender's next frames.
    if metas.count >= ChangedMetas.countMax, metas[name] == nil { return }
    metas[name] = meta
  }

  /// Takes them out, sorted by name.
  mutating func take() -> [SavedMeta] {
    defer { metas = [:] }
    return metas.map { SavedMeta(name: $0.key.bytes, meta: $0.value) }
      .sorted { $0.name.lexicographicallyPrecedes($1.name) }
  }
}

/// The help and unit of a metric, as the state file keeps them.
struct SavedMeta: Sendable {
  let name: [UInt8]
  let meta: FamilyMeta
}

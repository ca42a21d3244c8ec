import WeirMetrics

extension FamilyRegistry {
  /// Keeps the help text of a mapping rule, unless the metric has one, or one waits for it.
  mutating func keep(help: String, of name: [UInt8]) {
    // The state file has no longer ones.
    guard help.utf8.count <= FamilyMeta.mappedHelpBytesMax else { return }
    let hashed = HashedName(name, hash)
    var meta = families[hashed]?.meta ?? waiting.meta(of: hashed) ?? FamilyMeta()
    guard meta.help == nil else { return }
    meta.help = help
    keep(meta, of: name)
  }
}

/// Gives the families and series of one page the names that its reader wants, none of them twice.
///
/// Two names may become one. Then a classic name stays with its family, else the first has it, and the
/// series of the other are left out and counted: a page with two families of one name, or the same
/// series twice, would be refused as a whole.
struct Renaming: Sendable {
  private let escaping: NameEscaping
  /// Whether a family that is not renamed has a name.
  private let isTaken: @Sendable ([UInt8]) -> Bool
  private var families: Set<[UInt8]> = []
  /// Digests of the family's series, for bytes of all would be a page.
  private var series: Set<Int> = []
  private var isFamilyHidden = false
  /// Series left out.
  private(set) var hidden = 0

  init(_ escaping: NameEscaping, isTaken: @escaping @Sendable ([UInt8]) -> Bool) {
    self.escaping = escaping
    self.isTaken = isTaken
  }

  /// A family as it is to be shown; nil where it can't be.
  mutating func begin(_ family: FamilyHead) -> FamilyHead? {
    let name = escaping.name(family.name)
    let isChanged = name != family.name
    series.removeAll(keepingCapacity: true)
    isFamilyHidden =
      isChanged && escaping.scheme != .dots && isTaken(name) || !families.insert(name).inserted
    if isFamilyHidden { return nil }
    // Whether another has the name without `_total` is known of names as they are kept.
    let hasStem = family.hasStem && (!isChanged || escaping.scheme == .dots)
    return FamilyHead(
      name, help: family.help, unit: family.unit, type: family.type, hasStem: hasStem)
  }

  /// A series as it is to be shown; nil where it can't be.
  mutating func series(
    _ spelling: borrowing Span<UInt8>, nameLength: Int
  ) -> (bytes: [UInt8], nameLength: Int)? {
    guard !isFamilyHidden, let renamed = escaping.series(spelling, nameLength: nameLength),
      series.insert(renamed.bytes.hashValue).inserted
    else {
      hidden += 1
      return nil
    }
    return renamed
  }
}

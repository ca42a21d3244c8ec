import WeirMetrics

/// Gives the families and series of one page the names that its reader wants, none of them twice.
///
/// Two names may become one, or one may become what another's buckets or sum are called. Then a
/// classic name stays with its family, else the first has it, and the series of the other are left out
/// and counted: a page with two families of one name, or the same series twice, would be refused as a
/// whole.
struct Renaming: Sendable {
  private let escaping: NameEscaping
  /// Whether a family that is not renamed, or one of its samples, has a name.
  private let isTaken: @Sendable ([UInt8]) -> Bool
  /// Names that families of this page have taken.
  private var taken: Set<[UInt8]> = []
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
    let isClassic = family.name.first != UInt8(ascii: "\"")
    let names = family.type.namesTaken(by: name)
    series.removeAll(keepingCapacity: true)
    isFamilyHidden = names.contains {
      taken.contains($0) || !isClassic && isTaken(escaping.classic($0))
    }
    if isFamilyHidden { return nil }
    taken.formUnion(names)
    return FamilyHead(
      name, help: family.help, unit: family.unit, type: family.type,
      hasStem: family.hasStem && (isClassic || escaping.scheme == .dots)
        && takeStem(of: name, family.type))
  }

  /// Takes what OpenMetrics calls a counter, unless another has it. What names have become is not
  /// known of those that are still to come; these then give way.
  private mutating func takeStem(of name: [UInt8], _ type: ExposedType) -> Bool {
    guard type == .counter, let stem = FamilyNames.stem(of: name) else { return true }
    let names = [stem, FamilyNames.created(stem)]
    if names.contains(where: taken.contains) { return false }
    taken.formUnion(names)
    return true
  }

  /// An exemplar as it is to be shown; nil where it can't be.
  func exemplar(_ exemplar: Exemplar) -> Exemplar? {
    guard let labels = escaping.labels(exemplar.labels.span) else { return nil }
    var renamed = exemplar
    renamed.labels = labels
    return renamed
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

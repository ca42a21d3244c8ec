import WeirMetrics

/// Gives the families and series of one page the names that its reader requests, without
/// duplicates.
///
/// Two names may become the same, or one may become the name of another family's buckets or sum.
/// Then a classic name stays with its family; otherwise the first family has it. The series of the
/// other are left out and counted, because readers refuse a whole page with two families of one
/// name, or with the same series twice.
struct Renaming: Sendable {
  private let escaping: NameEscaping
  /// Whether a family that is not renamed, or one of its samples, has a name.
  private let isTaken: @Sendable ([UInt8]) -> Bool
  /// Names that families of this page use.
  private var taken: Set<[UInt8]> = []
  /// Digests of the family's series, because their bytes would take as much memory as a page.
  private var series: Set<Int> = []
  private var isFamilyHidden = false
  /// Series left out.
  private(set) var hidden = 0

  init(_ escaping: NameEscaping, isTaken: @escaping @Sendable ([UInt8]) -> Bool) {
    self.escaping = escaping
    self.isTaken = isTaken
  }

  /// A family as it is shown; nil if it can't be shown.
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

  /// Takes the name that OpenMetrics uses for a counter, unless another family has it. The new
  /// names of later families are not known yet; these families then are left out.
  private mutating func takeStem(of name: [UInt8], _ type: ExposedType) -> Bool {
    guard type == .counter, let stem = FamilyNames.stem(of: name) else { return true }
    let names = [stem, FamilyNames.created(stem)]
    if names.contains(where: taken.contains) { return false }
    taken.formUnion(names)
    return true
  }

  /// An exemplar as it is shown; nil if it can't be shown.
  func exemplar(_ exemplar: Exemplar) -> Exemplar? {
    guard let labels = escaping.labels(exemplar.labels.span) else { return nil }
    var renamed = exemplar
    renamed.labels = labels
    return renamed
  }

  /// A series as it is shown; nil if it can't be shown.
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

import WeirBytes
import WeirMetrics

/// The names of a state file while their series are restored, so that the registry is asked once
/// for a name, and not once for each series.
struct RestoredNames: ~Copyable {
  private struct Name {
    let name: HashedName
    /// The class in the file for which it was decided.
    var classNumber: Int
    /// Where it is in `open`, if series of it were restored.
    var open: Int?
    /// The same, or why series of that class are not restored.
    var state: Result<Int, FamilyRegistry.NotRestored>
  }

  /// Of text, by which the classes of names may have been chosen.
  private let rules: any IdentityRules
  private var names: [Name] = []
  /// Finds a name by its hash.
  private var index = SeriesIndex()
  /// Names that may have series.
  var open: [FamilyRegistry.OpenFamily] = []

  init(rules: any IdentityRules) {
    self.rules = rules
  }

  /// The place in `open` of the name of a series.
  ///
  /// - Parameter range: Where the name is in `bytes`.
  mutating func find(
    _ bytes: Span<UInt8>, _ range: Range<Int>, _ table: borrowing StateTable,
    _ hash: KeyedHash, _ registry: inout FamilyRegistry
  ) -> Result<Int, FamilyRegistry.NotRestored> {
    let key = hash.hash(bytes, from: range.lowerBound, length: range.count)
    let known = index.find(hash: key) { place in
      let name = names[place].name.bytes
      return name.count == range.count
        && name.span.matches(at: 0, bytes, at: range.lowerBound, length: range.count)
    }
    let place = known ?? add(bytes, range, key, hash)
    if names[place].classNumber != table.number { decide(place, table, &registry) }
    return names[place].state
  }

  private mutating func add(
    _ bytes: Span<UInt8>, _ range: Range<Int>, _ key: UInt64, _ hash: KeyedHash
  ) -> Int {
    let text = [UInt8](capacity: range.count) { output in
      for index in range { output.append(bytes[index]) }
    }
    index.insert(row: names.count, hash: key)
    // No class has this number, so that the next step is to decide.
    names.append(Name(name: HashedName(text, hash), classNumber: -1, state: .failure(.changed)))
    return names.count - 1
  }

  /// Decides whether a name may have series of the class of a table.
  private mutating func decide(
    _ place: Int, _ table: borrowing StateTable, _ registry: inout FamilyRegistry
  ) {
    names[place].classNumber = table.number
    if let known = names[place].open {
      // Two classes of one name. The first one comes back.
      let own = open[known].numbered.seriesClass
      names[place].state =
        own.keepsLike(table.seriesClass)
        ? .success(known) : .failure(own.kind == table.kind ? .changed : .clashes)
      return
    }
    names[place].state = registry.open(names[place].name, table.described, rules).map { family in
      open.append(family)
      names[place].open = open.count - 1
      return open.count - 1
    }
  }

  /// Brings the registry up to date.
  func close(_ registry: inout FamilyRegistry) {
    for family in open { registry.close(family) }
  }
}

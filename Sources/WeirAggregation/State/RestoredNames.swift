import WeirBytes
import WeirMetrics

/// The names of a state file while their series are restored, so that the registry is asked once
/// for a name, and not once for each series.
struct RestoredNames {
  private struct Name {
    let name: HashedName
    /// The class in the file for which it was decided.
    var classNumber: Int
    /// Where it is in `open`, if series of it were restored.
    var open: Int?
    /// The same, or why series of that class are not restored.
    var state: Result<Int, FamilyRegistry.NotRestored>
  }

  private var names: [Name] = []
  /// By the hash of the name. Where two names have the same one, the second is at the next number.
  private var places: [UInt64: Int] = [:]
  /// Names that may have series.
  var open: [FamilyRegistry.OpenFamily] = []

  /// The place in `open` of the name of a series.
  ///
  /// - Parameter range: Where the name is in `bytes`.
  mutating func find(
    _ bytes: Span<UInt8>, _ range: Range<Int>, _ table: borrowing StateTable,
    _ hash: KeyedHash, _ registry: inout FamilyRegistry
  ) -> Result<Int, FamilyRegistry.NotRestored> {
    var key = hash.hash(bytes, from: range.lowerBound, length: range.count)
    while let place = places[key] {
      let known = names[place].name.bytes
      if known.count == range.count,
        known.span.matches(at: 0, bytes, at: range.lowerBound, length: range.count)
      {
        if names[place].classNumber != table.number { decide(place, table, &registry) }
        return names[place].state
      }
      key &+= 1
    }
    let text = [UInt8](capacity: range.count) { output in
      for index in range { output.append(bytes[index]) }
    }
    places[key] = names.count
    names.append(
      Name(
        name: HashedName(text, hash), classNumber: table.number, state: .failure(.changed)))
    decide(names.count - 1, table, &registry)
    return names[names.count - 1].state
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
        ? .success(known) : .failure(own.kind == table.seriesClass.kind ? .changed : .clashes)
      return
    }
    names[place].state = registry.open(names[place].name, table.described).map { family in
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

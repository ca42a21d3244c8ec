import WeirExposition
import WeirGroups
import WeirMetrics

/// The families of a page that are not in the catalogue, by name: Weir's own and those of pushed groups.
///
/// A name may be in both, and in the catalogue, too. Then it is one family: first Weir's own series, without
/// labels, then the others in order.
struct OtherFamilies: Sendable {
  /// What there is of one name.
  struct Family: Sendable {
    var own: OwnFamily?
    var pushed: PushedFamily?
  }

  private var own: ArraySlice<OwnFamily>
  private var pushed: ArraySlice<PushedFamily>

  /// - Parameters:
  ///   - own: Sorted by name.
  ///   - pushed: Sorted by name.
  init(own: [OwnFamily], pushed: [PushedFamily]) {
    self.own = own[...]
    self.pushed = pushed[...]
  }

  /// The first name; nil if there is none.
  private var firstName: [UInt8]? {
    let name = own.first.map { Array($0.name.utf8) }
    guard let other = pushed.first?.name else { return name }
    guard let name else { return other }
    return other.lexicographicallyPrecedes(name) ? other : name
  }

  /// Takes the first family out, if its name comes before `name`.
  ///
  /// - Parameter name: Nil for any.
  mutating func next(before name: [UInt8]?) -> Family? {
    guard let first = firstName, name.map({ first.lexicographicallyPrecedes($0) }) ?? true else {
      return nil
    }
    return take(first)
  }

  /// Takes out what there is of a name, before which there is nothing.
  mutating func take(_ name: [UInt8]) -> Family {
    var family = Family()
    if own.first?.name.utf8.elementsEqual(name) ?? false { family.own = own.removeFirst() }
    if pushed.first?.name == name { family.pushed = pushed.removeFirst() }
    return family
  }
}

import WeirMetrics

/// What was told of metrics that there are not yet, or not any more: it holds once one comes.
///
/// Where there are too many the one that was told first is dropped.
struct WaitingMetas {
  /// So many of the longest names and texts take 8 MB.
  static let countMax = 5_000

  private struct Entry {
    let meta: FamilyMeta
    /// Tells which place in `order` is the last.
    let number: Int
  }

  private var entries: [HashedName: Entry] = [:]
  /// Names in the order in which they were told of, with the number of the telling.
  private var order: [(name: HashedName, number: Int)] = []
  private var gone = 0
  private var number = 0

  mutating func keep(_ meta: FamilyMeta, of name: HashedName) {
    number += 1
    entries[name] = Entry(meta: meta, number: number)
    order.append((name, number))
    while entries.count > WaitingMetas.countMax || order.count - gone > 2 * WaitingMetas.countMax {
      dropFirst()
    }
    if gone > WaitingMetas.countMax {
      order.removeFirst(gone)
      gone = 0
    }
  }

  /// What was told of a metric that has come.
  mutating func take(_ name: HashedName) -> FamilyMeta? { entries.removeValue(forKey: name)?.meta }

  private mutating func dropFirst() {
    let first = order[gone]
    gone += 1
    // Nothing where it has come, or was told of again since.
    if entries[first.name]?.number == first.number { entries[first.name] = nil }
  }
}

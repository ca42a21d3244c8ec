import WeirMetrics

/// Help and units of metrics that do not exist yet, or no longer exist. They apply when the metric
/// appears.
///
/// When there are too many, the oldest one is dropped.
struct WaitingMetas {
  /// This many of the longest names and texts take 8 MB.
  static let countMax = 5_000

  private struct Entry {
    let meta: FamilyMeta
    /// Identifies the newest entry of a name in `order`.
    let number: Int
  }

  private var entries: [HashedName: Entry] = [:]
  /// Names in the order in which they arrived, with the number of the arrival.
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

  /// Takes out the help and unit of a metric that now exists.
  mutating func take(_ name: HashedName) -> FamilyMeta? { entries.removeValue(forKey: name)?.meta }

  /// Those that wait for a metric of this name.
  func meta(of name: HashedName) -> FamilyMeta? { entries[name]?.meta }

  /// All of them, the oldest first.
  var all: [SavedMeta] {
    entries.sorted { $0.value.number < $1.value.number }
      .map { SavedMeta(name: $0.key.bytes, meta: $0.value.meta) }
  }

  private mutating func dropFirst() {
    let first = order[gone]
    gone += 1
    // Nothing is dropped if it was taken out, or has arrived again since.
    if entries[first.name]?.number == first.number { entries[first.name] = nil }
  }
}

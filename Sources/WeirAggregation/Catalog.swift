import WeirBytes
import WeirMetrics

/// Every series of one name.
package struct SeriesFamily: Sendable {
  package let name: [UInt8]
  package let kind: MetricKind
  /// Sorted by spelling.
  package fileprivate(set) var series: [SeriesHandle] = []
  /// Not yet merged into `series`.
  fileprivate var added: [SeriesHandle] = []
}

/// The families in the order in which a scrape shows them.
///
/// Kept from scrape to scrape by whoever scrapes, so that only series made since the last one are
/// sorted, and ingest knows nothing of it.
package struct Catalog: Sendable {
  /// Sorted by name.
  package private(set) var families: [SeriesFamily] = []
  private var positions: [[UInt8]: Int] = [:]
  /// Series already taken in, by shard and kind.
  private var known: [Int] = []

  package init() {}

  /// Takes in the series that are new in `snapshot`.
  ///
  /// - Precondition: each call is given a later snapshot of the same aggregator.
  /// - Complexity: O(n log n) in the new series, and O(series) in each family that gained any.
  package mutating func update(from snapshot: Snapshot) {
    let kinds = MetricKind.allCases.count
    if known.isEmpty { known = [Int](repeating: 0, count: snapshot.shards.count * kinds) }
    let familiesBefore = families.count
    for shard in snapshot.shards.indices {
      for kind in MetricKind.allCases {
        let place = shard * kinds + kind.index
        let count = snapshot.shards[shard].columns(kind).names.count
        for row in known[place]..<count {
          add(SeriesHandle(shard: shard, row: row), kind: kind, snapshot)
        }
        known[place] = count
      }
    }
    for index in families.indices where !families[index].added.isEmpty {
      families[index].mergeAdded(snapshot)
    }
    if families.count > familiesBefore { sortFamilies() }
  }

  private mutating func add(_ handle: SeriesHandle, kind: MetricKind, _ snapshot: Snapshot) {
    let name = familyName(of: snapshot.spelling(handle, kind: kind))
    if let position = positions[name] {
      families[position].added.append(handle)
    } else {
      positions[name] = families.count
      families.append(SeriesFamily(name: name, kind: kind, added: [handle]))
    }
  }

  private func familyName(of spelling: Spelling) -> [UInt8] {
    let series = spelling.bytes
    let end = series.firstIndex(
      of: BytePattern(UInt8(ascii: "{")), from: 0, to: series.count)
    return [UInt8](capacity: end) { output in
      for index in 0..<end { output.append(series[index]) }
    }
  }

  private mutating func sortFamilies() {
    families.sort { $0.name.lexicographicallyPrecedes($1.name) }
    for index in families.indices { positions[families[index].name] = index }
  }
}

extension SeriesFamily {
  /// Sorts what was added and merges it with what was sorted before.
  fileprivate mutating func mergeAdded(_ snapshot: Snapshot) {
    let kind = kind
    func precedes(_ left: SeriesHandle, _ right: SeriesHandle) -> Bool {
      let (left, right) = (
        snapshot.spelling(left, kind: kind), snapshot.spelling(right, kind: kind)
      )
      return left.bytes.precedes(right.bytes)
    }
    added.sort(by: precedes)
    var merged: [SeriesHandle] = []
    merged.reserveCapacity(series.count + added.count)
    var next = 0
    for handle in added {
      while next < series.count, precedes(series[next], handle) {
        merged.append(series[next])
        next += 1
      }
      merged.append(handle)
    }
    merged.append(contentsOf: series[next...])
    series = merged
    added = []
  }
}

import WeirBytes
import WeirMetrics

/// All series of one name.
package struct SeriesFamily: Sendable {
  package let name: [UInt8]
  package let classID: ClassID
  package let seriesClass: SeriesClass
  /// Sorted by spelling.
  package private(set) var series: [SeriesLease] = []
  /// Not yet merged into `series`.
  private var added: [SeriesLease] = []

  init(name: [UInt8], _ classID: ClassID, _ seriesClass: SeriesClass) {
    self.name = name
    self.classID = classID
    self.seriesClass = seriesClass
  }

  package var kind: MetricKind { seriesClass.kind }

  /// Whether `mergeAdded` has anything to do.
  var hasAdded: Bool { !added.isEmpty }

  mutating func add(_ lease: SeriesLease) { added.append(lease) }

  mutating func removeSeries(where isGone: (SeriesLease) -> Bool) {
    series.removeAll(where: isGone)
  }

  /// Sorts the added series and merges them with the others.
  ///
  /// - Parameter rosters: Of the family's class, by shard.
  /// - Complexity: O(n log n) for n added series, plus one search and one move in the rest for
  ///   each.
  mutating func mergeAdded(_ rosters: [ShardRoster]) {
    func precedes(_ left: SeriesLease, _ right: SeriesLease) -> Bool {
      let (left, right) = (
        rosters[left.handle.shard].spelling(left.handle.row),
        rosters[right.handle.shard].spelling(right.handle.row)
      )
      return left.bytes.precedes(right.bytes)
    }
    added.sort(by: precedes)
    var merged: [SeriesLease] = []
    merged.reserveCapacity(series.count + added.count)
    var rest = series[...]
    for lease in added {
      let before = rest.prefixCount { precedes($0, lease) }
      merged += rest.prefix(before)
      merged.append(lease)
      rest = rest.dropFirst(before)
    }
    merged += rest
    series = merged
    added = []
  }
}

extension ArraySlice {
  /// How many elements at the beginning satisfy `isIn`, if no later one does.
  ///
  /// - Complexity: O(log of the result).
  fileprivate func prefixCount(where isIn: (Element) -> Bool) -> Int {
    var step = 1
    while step <= count, isIn(self[startIndex + step - 1]) { step *= 2 }
    // The first element that does not satisfy it is after the last tested one that does.
    var (low, high) = (step / 2, Swift.min(step - 1, count))
    while low < high {
      let middle = (low + high) / 2
      if isIn(self[startIndex + middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

import WeirBytes
import WeirMetrics

/// Every series of one name.
package struct SeriesFamily: Sendable {
  package let name: [UInt8]
  package let kind: MetricKind
  /// Sorted by spelling.
  package private(set) var series: [SeriesHandle] = []
  /// Not yet merged into `series`.
  private var added: [SeriesHandle] = []

  init(name: [UInt8], kind: MetricKind) {
    self.name = name
    self.kind = kind
  }

  /// Whether there is something for `mergeAdded` to do.
  var hasAdded: Bool { !added.isEmpty }

  mutating func add(_ handle: SeriesHandle) { added.append(handle) }

  mutating func removeSeries(where isGone: (SeriesHandle) -> Bool) {
    series.removeAll(where: isGone)
  }

  /// Sorts what was added and merges it with what was sorted before.
  mutating func mergeAdded(_ snapshot: Snapshot) {
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

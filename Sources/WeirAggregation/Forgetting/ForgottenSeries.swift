import WeirMetrics

/// What `Owners.forget` has removed, or would remove.
package struct ForgottenSeries: Sendable {
  private var byKind = [Int](repeating: 0, count: MetricKind.allCases.count)
  private var byName: [[UInt8]: Int] = [:]

  package init() {}

  package var count: Int { byKind.reduce(0, +) }

  package func count(_ kind: MetricKind) -> Int { byKind[kind.index] }

  /// The names as they are spelled, those with the most series first.
  package var names: [(name: [UInt8], count: Int)] {
    byName.map { (name: $0.key, count: $0.value) }.sorted { left, right in
      left.count != right.count
        ? left.count > right.count : left.name.lexicographicallyPrecedes(right.name)
    }
  }

  mutating func add(_ spelling: [UInt8], _ kind: MetricKind) {
    byKind[kind.index] += 1
    byName[Array(spelling[..<SpelledName.length(in: spelling.span)]), default: 0] += 1
  }
}

/// Series that are about to be removed, and can be found by their leases.
struct DoomedSeries {
  /// The rows of one pass. They bound the memory, and how long scrapes wait.
  static let countMax = 65_536

  private(set) var leases: [SeriesLease] = []
  /// For each shard and class the generations by row; 0 for a row that stays.
  private var generations: [[[UInt32]]]

  init(shards: Int) { generations = Array(repeating: [], count: shards) }

  mutating func add(_ lease: SeriesLease) {
    leases.append(lease)
    let (shard, row, number) = (lease.handle.shard, lease.handle.row, lease.classID.index)
    let missingClasses = number + 1 - generations[shard].count
    if missingClasses > 0 {
      generations[shard].append(contentsOf: repeatElement([], count: missingClasses))
    }
    let missingRows = row + 1 - generations[shard][number].count
    if missingRows > 0 {
      generations[shard][number].append(contentsOf: repeatElement(0, count: missingRows))
    }
    generations[shard][number][row] = lease.generation
  }

  func contains(_ lease: SeriesLease) -> Bool {
    let (classes, number) = (generations[lease.handle.shard], lease.classID.index)
    guard number < classes.count, lease.handle.row < classes[number].count else { return false }
    return classes[number][lease.handle.row] == lease.generation && lease.generation != 0
  }
}

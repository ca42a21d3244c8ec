import WeirMetrics

/// The last exemplars of a shard's series: one for a counter, one for each bucket of a histogram.
struct ExemplarRows: Sendable {
  /// Those of a shard take about 4 MB. When there are more, all of them are dropped: they are
  /// samples, and the next ones serve as well.
  static let countMax = 12_500

  private struct Key: Hashable {
    let classID: ClassID
    let row: Int
    let bucket: Int
  }

  private struct Kept: Sendable {
    /// The generation of the series that holds the row.
    let generation: UInt32
    let exemplar: Exemplar
  }

  private var kept: [Key: Kept] = [:]

  var isEmpty: Bool { kept.isEmpty }

  /// Keeps an exemplar, unless there is a later one.
  mutating func keep(_ exemplar: Exemplar, of lease: SeriesLease, bucket: Int) {
    let key = Key(classID: lease.classID, row: lease.handle.row, bucket: bucket)
    if let known = kept[key], known.generation == lease.generation,
      known.exemplar.unixSeconds ?? 0 > exemplar.unixSeconds ?? 0
    {
      return
    }
    if kept.count >= ExemplarRows.countMax, kept[key] == nil { kept.removeAll() }
    kept[key] = Kept(generation: lease.generation, exemplar: exemplar)
  }

  /// The exemplars of one series, by bucket; the exemplar of a counter is in bucket 0.
  ///
  /// - Complexity: O(`buckets`).
  func of(_ lease: SeriesLease, buckets: Int) -> [Int: Exemplar] {
    var found: [Int: Exemplar] = [:]
    for bucket in 0..<buckets {
      let key = Key(classID: lease.classID, row: lease.handle.row, bucket: bucket)
      guard let known = kept[key], known.generation == lease.generation else { continue }
      found[bucket] = known.exemplar
    }
    return found
  }
}

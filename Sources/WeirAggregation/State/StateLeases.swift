/// The new lease of each series of a `StateImage`, by table and place. Only instances and gauges
/// ask for them, so there are none if the image has neither.
struct StateLeases {
  /// Those of all tables, one table after another; `SeriesLease.none` for series that were not
  /// restored.
  private var leases: [SeriesLease] = []
  /// Where each table begins.
  private var starts: [Int] = []

  init(_ image: StateImage) {
    guard !image.owners.isEmpty || image.tables.contains(where: { !$0.gauges.isEmpty }) else {
      return
    }
    var count = 0
    for table in image.tables {
      starts.append(count)
      count += table.rows.count
    }
    leases = [SeriesLease](repeating: .none, count: count)
  }

  /// Nil if the series was not restored.
  subscript(table: Int, place: Int) -> SeriesLease? {
    let lease = leases[starts[table] + place]
    return lease.handle.bits == SeriesHandle.none.bits ? nil : lease
  }

  mutating func set(_ lease: SeriesLease, table: Int, place: Int) {
    if !leases.isEmpty { leases[starts[table] + place] = lease }
  }
}

/// The new lease of each series of a `StateImage`, by table and place; `SeriesLease.none` for those
/// that were not restored.
struct StateLeases {
  private var leases: [[SeriesLease]]

  init(_ image: StateImage) {
    leases = image.tables.map { [SeriesLease](repeating: .none, count: $0.rows.count) }
  }

  /// Nil if the series was not restored.
  subscript(table: Int, place: Int) -> SeriesLease? {
    let lease = leases[table][place]
    return lease.handle.bits == SeriesHandle.none.bits ? nil : lease
  }

  mutating func set(_ lease: SeriesLease, table: Int, place: Int) {
    leases[table][place] = lease
  }
}

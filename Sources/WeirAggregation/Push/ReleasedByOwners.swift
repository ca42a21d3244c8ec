/// What owners have released. It is removed when no lock of owners is held.
struct ReleasedByOwners {
  var gauges: [LeavingGauge] = []
  var holds: [SeriesLease] = []
  /// The number of owners that were forgotten.
  var forgotten = 0
}

/// An owner's value of a gauge that is to be removed.
struct LeavingGauge {
  /// That of the owner's entry. It tells whether the place still belongs to this series, because the
  /// series may be forgotten before the value is removed.
  let lease: SeriesLease
  let place: GaugeGroups.Place

  init(_ lease: SeriesLease, _ place: GaugeGroups.Place) {
    self.lease = lease
    self.place = place
  }
}

extension Owner {
  /// Takes out all gauge values, because their owner has ended or is silent. Values from frames up
  /// to `sequence` don't come back.
  mutating func takeGauges(upTo sequence: UInt64, into removed: inout [LeavingGauge]) {
    hasGauges = false
    gaugesGoneUpTo = max(gaugesGoneUpTo, sequence)
    for index in gauges {
      if let place = GaugeGroups.Place(bits: entries[index].detail) {
        removed.append(LeavingGauge(entries[index].lease, place))
      }
      entries[index].detail = 0
    }
    gauges.removeAll()
    gaugeChanges.removeAll()
  }
}

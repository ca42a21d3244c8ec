import WeirMetrics

/// Gauges of which several owners may have set a value.
extension ClassTable {
  /// Sets an owner's value of a gauge.
  ///
  /// - Parameter place: Where its value is kept, or nil; brought up to date.
  /// - Returns: False, and nothing has changed, if the series has expired since it was leased.
  mutating func setGauge(
    _ lease: RowLease, _ merge: GaugeMerge, _ member: GaugeGroups.Member,
    at place: inout GaugeGroups.Place?, second: UInt32
  ) -> Bool {
    guard series.renew(lease, second) else { return false }
    if var known = place {
      if gauges.set(&known, lease, merge, member, second: second) {
        place = known
        return true
      }
      // Its series has expired, and a new one with the same name was made.
      _ = gauges.remove(known)
    }
    var joined = gauges.join(lease, merge, member)
    _ = gauges.set(&joined, lease, merge, member, second: second)
    place = joined
    return true
  }

  /// Removes an owner's value of a gauge.
  ///
  /// - Returns: The row of the series if it has no owner left, and no text has updated it since.
  mutating func removeGauge(_ place: GaugeGroups.Place, of lease: RowLease) -> Int? {
    // If the series was forgotten, its values went with it.
    guard gauges.has(place, of: lease),
      case .orphan(let lease, let second) = gauges.remove(place), lease.row < series.rows.count
    else { return nil }
    let life = series.rows.life(lease.row)
    return life.generation == lease.generation && life.tick <= second ? lease.row : nil
  }

  /// Computes the values of gauges of which an owner's value has changed.
  ///
  /// - Returns: Whether there are more of them.
  mutating func mergeGauges() -> Bool {
    var groups = GaugeGroups()
    swap(&groups, &gauges)
    let areMore = groups.merge { lease, value in
      guard lease.row < series.rows.count,
        series.rows.life(lease.row).generation == lease.generation
      else { return }
      var cells = series.rows.row(lease.row)
      cells[ClassTable.sumCell] = value
    }
    swap(&groups, &gauges)
    return areMore
  }
}

extension SeriesShardState {
  /// Computes the values of gauges of which an owner's value has changed.
  ///
  /// - Returns: Whether there are more of them.
  mutating func mergeGauges() -> Bool {
    for index in tables.indices where tables[ClassID(index)].kind == .gauge {
      if tables[ClassID(index)].mergeGauges() { return true }
    }
    return false
  }
}

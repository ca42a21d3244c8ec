import WeirBytes
import WeirMetrics
import WeirPush

/// Applies records of gauges.
extension SeriesShardState {
  mutating func applyGauge(
    _ record: PushRecord, _ entry: Int, of owner: inout Owner, _ frame: borrowing PushedFrame,
    _ effects: inout PushEffects
  ) -> Bool {
    let header = frame.header
    // One more than the sequence, so that 0 means none.
    let sequence = header.sequence &+ 1
    let last = owner.entries[entry].first
    let isNew = sequence > last || sequence == last && frame.isFirst
    guard header.sequence > owner.gaugesGoneUpTo, isNew else { return true }
    let lease = owner.entries[entry].lease
    // Before anything changes, because a record whose series has expired is applied again.
    guard touch(lease, second: frame.second) else { return false }
    var place = GaugeGroups.Place(bits: owner.entries[entry].detail)
    switch owner.gaugeValue(
      record, entry, sequence: header.sequence, now: value(of: lease, at: place))
    {
    case .unknown: break
    case .gone:
      if let place {
        effects.released.gauges.append(LeavingGauge(lease, place))
        owner.entries[entry].detail = GaugeGroups.Place.left
      }
      owner.entries[entry].first = sequence
    case .value(let value):
      let member = GaugeGroups.Member(
        value: value, setMilliseconds: setMilliseconds(record, of: lease, at: place, frame),
        instance: header.instance.number)
      guard
        tables[lease.classID].setGauge(
          lease.rowLease, record.merge, member, at: &place, second: frame.second)
      else { return false }
      if owner.entries[entry].detail == 0 {
        owner.gauges.reserveSparingly(1)
        owner.gauges.append(entry)
      }
      owner.hasGauges = true
      owner.entries[entry].detail = place?.bits ?? GaugeGroups.Place.left
      if record.content == .gauge { owner.entries[entry].first = sequence }
    }
    return true
  }

  private func value(of lease: SeriesLease, at place: GaugeGroups.Place?) -> Double? {
    guard let place else { return nil }
    return tables[lease.classID].gauges.member(place).value
  }

  /// When the value of a record was set, by its sender's clock, but not later than now.
  private func setMilliseconds(
    _ record: PushRecord, of lease: SeriesLease, at place: GaugeGroups.Place?,
    _ frame: borrowing PushedFrame
  ) -> UInt64 {
    let sent = frame.sentMilliseconds
    if let held = record.content == .gauge ? record.heldMilliseconds : nil {
      return sent - min(sent, held)
    }
    // An older client repeats an unchanged value; that is not a new setting.
    guard record.content == .gauge, let place else { return sent }
    let member = tables[lease.classID].gauges.member(place)
    return member.value == record.value ? member.setMilliseconds : sent
  }
}

extension Owner {
  /// The effect of a record on its gauge.
  enum GaugeOutcome {
    case value(Double)
    /// The owner no longer has a value of it.
    case gone
    /// The record is older than changes that are no longer kept one by one: nothing has changed.
    case unknown
  }

  /// Applies a `gauge` or `gauge_add` record to the owner's value of the gauge.
  ///
  /// - Parameter now: The owner's value before it, if there is one.
  fileprivate mutating func gaugeValue(
    _ record: PushRecord, _ entry: Int, sequence: UInt64, now: Double?
  ) -> GaugeOutcome {
    if record.content == .gaugeAdd {
      gaugeChanges[entry, default: GaugeChanges(base: now ?? 0)]
        .add(record.value, sequence: sequence)
      return .value(gaugeChanges[entry]?.value ?? 0)
    }
    let isGone = record.value.isNaN
    guard var changes = gaugeChanges[entry] else { return isGone ? .gone : .value(record.value) }
    guard changes.set(isGone ? 0 : record.value, sequence: sequence) else { return .unknown }
    if isGone && changes.isEmpty {
      gaugeChanges[entry] = nil
      return .gone
    }
    gaugeChanges[entry] = changes
    return .value(changes.value)
  }
}

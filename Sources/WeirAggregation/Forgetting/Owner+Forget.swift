import WeirBytes
import WeirMetrics
import WeirPush

extension OwnerEntry {
  /// Whether its series was forgotten, and it has got no new one since. Then the generation of its
  /// lease is that of the row before it had the series. No row ever has it again.
  var isForgotten: Bool { lease.generation & 1 == 0 }

  fileprivate mutating func forgetLease() {
    lease = SeriesLease(
      handle: lease.handle, generation: lease.generation &- 1, classID: lease.classID)
  }
}

extension Owner {
  /// Gives up a series that is being forgotten. Its total up to now becomes a baseline, so that only
  /// later gains count. This may take more than `OwnerLimits.totalsMax`; then new totals wait.
  ///
  /// - Complexity: O(buckets).
  mutating func giveUpSeries(_ entry: Int) {
    entries[entry].forgetLease()
    entries[entry].isHeld = false
    if entries[entry].about == PushRecord.about(.gauge) {
      if entries[entry].detail != 0 { entries[entry].detail = GaugeGroups.Place.left }
      return
    }
    guard entries[entry].hasTotal else { return }
    switch entries[entry].about {
    case PushRecord.about(.counter): rebaseCounter(entry)
    case PushRecord.about(.histogram): rebaseHistogram(entry)
    case PushRecord.about(.exponential): rebaseExponential(entry)
    default: break
    }
  }

  private mutating func rebaseCounter(_ entry: Int) {
    let total = entries[entry].total
    if entries[entry].hasBaseline {
      baselines[Int(entries[entry].detail)] = total
    } else {
      baselines.reserveSparingly(1)
      baselines.append(total)
      entries[entry].detail = UInt64(baselines.count - 1)
      entries[entry].hasBaseline = true
    }
  }

  private mutating func rebaseHistogram(_ entry: Int) {
    let count = HistogramTotal.firstBucket + PushedBounds.count(ofID: entries[entry].detail)
    let first = Int(entries[entry].first)
    let total = Array(cells[first..<first + count])
    if entries[entry].hasBaseline {
      cells.replaceSubrange(first + count..<first + 2 * count, with: total)
    } else {
      // A baseline is behind its total. The old place is lost until the owner is forgotten, which
      // can happen once for each histogram.
      entries[entry].first = UInt64(cells.count)
      entries[entry].hasBaseline = true
      cells.reserveSparingly(2 * count)
      cells += total + total
    }
  }

  private mutating func rebaseExponential(_ entry: Int) {
    let total = exponentials[Int(entries[entry].first)]
    if entries[entry].hasBaseline {
      withExponential(Int(entries[entry].detail)) { $0 = total }
    } else {
      entries[entry].detail = addExponential(total)
      entries[entry].hasBaseline = true
    }
  }
}

extension PushRouter {
  /// Whether a record of a forgotten series has nothing new, so that it does not bring the series
  /// back.
  func isNothingNew(
    _ record: PushRecord, _ entry: Int, _ owner: inout Owner, _ frame: borrowing PushFrame,
    _ effects: inout PushEffects
  ) -> Bool {
    guard owner.entries[entry].isForgotten else { return false }
    if record.content == .gauge {
      // A value that is gone makes no gauge.
      guard record.value.isNaN, owner.gaugeChanges[entry] == nil else { return false }
      let sequence = frame.header.sequence &+ 1
      owner.entries[entry].first = max(owner.entries[entry].first, sequence)
      return true
    }
    guard owner.entries[entry].hasTotal else { return false }
    switch record.content {
    case .counter: return record.value <= owner.entries[entry].total
    case .histogram:
      guard folds.id(of: record.bounds) == owner.entries[entry].detail else {
        effects.badBuckets += 1
        return true
      }
      var count = 0.0
      for index in record.numbers.indices { count += frame.numbers[index] }
      return count <= owner.cells[Int(owner.entries[entry].first) + HistogramTotal.count]
    case .exponential:
      let arriving = NativeHistogram(record, frame.numbers.span, frame.indices.span)
      return arriving.count <= owner.exponentials[Int(owner.entries[entry].first)].count
    case .gauge, .gaugeAdd, .increment, .observations, .members, .sketch, .textGauge: return false
    }
  }
}

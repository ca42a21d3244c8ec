import Synchronization
import WeirBytes
import WeirMetrics

/// The last two passes of a batch: sort its samples by shard and kind, and apply them a shard at a time.
extension SampleRouter {
  /// A counting sort. It is stable, so that the last value of a gauge stays the last.
  ///
  /// Samples are also sorted by kind. The processor then predicts the branches that depend on it.
  mutating func group(_ samples: Span<Sample>) {
    for group in groupEnds.indices { groupEnds[group] = 0 }
    var routed = 0
    for index in leases.indices where leases[index].handle != .none {
      groupEnds[group(of: index, samples)] &+= 1
      routed &+= 1
    }
    var start = 0
    for group in groupEnds.indices {
      let size = groupEnds[group]
      groupEnds[group] = start
      start &+= size
    }
    order.resize(to: routed, filling: 0)
    for index in leases.indices where leases[index].handle != .none {
      let group = group(of: index, samples)
      order[groupEnds[group]] = UInt32(truncatingIfNeeded: index)
      groupEnds[group] &+= 1
    }
  }

  @inline(__always)
  private func group(of index: Int, _ samples: Span<Sample>) -> Int {
    leases[index].handle.shard &* SampleRouter.kinds &+ samples[index].kind.index
  }

  mutating func applyGroups(_ batch: inout SampleBatch, _ bytes: Span<UInt8>) {
    var start = 0
    var applied = InlineArray<4, Int>(repeating: 0)
    for shard in aggregator.shards.indices {
      let end = groupEnds[(shard + 1) * SampleRouter.kinds - 1]
      var isAhead = false
      while start < end {
        start = applyGroup(start..<end, shard, prefetching: !isAhead, batch, &applied)
        isAhead = true
        if start == end { break }
        applyToNewSeries(Int(order[start]), &batch, bytes, &applied)
        start &+= 1
      }
    }
    for kind in applied.indices { batch.samplesApplied[kind] &+= applied[kind] }
  }

  /// Applies samples of one shard, up to the first one without a live series.
  ///
  /// - Returns: The position of the first sample whose series has expired since it was remembered,
  ///   or the end. Later samples must wait, or a gauge might end at a value that was not its last.
  private func applyGroup(
    _ positions: Range<Int>, _ shard: Int, prefetching: Bool, _ batch: borrowing SampleBatch,
    _ applied: inout InlineArray<4, Int>
  ) -> Int {
    let group = order.span.extracting(positions)
    let leases = leases.span
    var done = 0
    let samples = batch.samples.span
    let values = batch.values.span
    aggregator.shards[shard].state.withLock { state in
      let tick = aggregator.clock.load(ordering: .relaxed)
      if prefetching { state.prefetch(group, leases) }
      var isStale = false
      while done < group.count, !isStale {
        // Nearly always all samples of a kind have one class.
        let classID = leases[Int(group[done])].classID
        isStale = state.tables[classID].apply(
          group, from: &done, classID, samples, values: values, leases, tick: tick, &applied)
      }
    }
    return positions.lowerBound &+ done
  }

  /// Applies a sample whose series has expired since it was remembered. Its name may have a new
  /// series by now, or may get one.
  @inline(never)
  private mutating func applyToNewSeries(
    _ index: Int, _ batch: inout SampleBatch, _ bytes: Span<UInt8>,
    _ applied: inout InlineArray<4, Int>
  ) {
    let sample = batch.samples[index]
    while true {
      let resolution = resolve(
        sample, batch.values, bytes, fingerprints[index], isChecked: true)
      guard resolution.hasSeries else {
        if resolution.outcome != .dropped {
          // It was counted when it seemed to have a series.
          batch.tagsDropped &-= builder.tagsDropped
          batch.tagsInternal &-= builder.tagsInternal
          if resolution.isRefusedAsMapped { batch.samplesMapped &-= Int(sample.valueCount) }
        }
        leases[index] = .none
        return countWithoutSeries(resolution, of: sample, in: &batch)
      }
      let lease = resolution.lease
      let values = batch.values.span
      let isApplied = aggregator.shards[lease.handle.shard].state.withLock { state in
        state.apply(
          sample, values: values, lease, tick: aggregator.clock.load(ordering: .relaxed))
      }
      if isApplied {
        applied[sample.kind.index] &+= Int(sample.valueCount)
        return
      }
    }
  }
}

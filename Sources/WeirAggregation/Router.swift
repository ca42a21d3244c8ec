import Synchronization
import WeirBytes
import WeirMetrics

/// Turns the identity bytes of a batch's samples into series, and applies the batch shard by shard.
///
/// Each receiver has a router of its own, so that finding a series that was seen before takes no
/// lock. A batch is gone through in passes, each of which asks for the memory that the next will
/// read: with 100,000 series nearly every step would otherwise wait for the main memory.
package struct Router: ~Copyable {
  private let aggregator: Aggregator
  private let reader: any IdentityReader
  private let key: FingerprintKey
  private var memo: IdentityMemo
  private var builder: SeriesBuilder

  // One element a sample of the batch at hand.
  private var fingerprints = Column<Fingerprint>(capacity: SampleBatch.samplesAim)
  private var leases = Column<SeriesLease>(capacity: SampleBatch.samplesAim)
  /// Indices of samples, grouped by shard and within it by kind, in the order of arrival within each.
  private var order = Column<UInt32>(capacity: SampleBatch.samplesAim)
  /// Where the group of each shard and kind ends in `order`.
  private var groupEnds: [Int]

  private static let kinds = MetricKind.allCases.count
  /// When a segment of the memo is swept next, though it may not be full.
  private var nextSweep: UInt32 = 0

  /// A segment is swept so often: an identity is forgotten when it was not used for some ten minutes.
  static let sweepSeconds: UInt32 = 8

  package init(aggregator: Aggregator, reader: any IdentityReader) {
    self.init(aggregator: aggregator, reader: reader, memo: IdentityMemo())
  }

  init(aggregator: Aggregator, reader: any IdentityReader, memo: consuming IdentityMemo) {
    self.aggregator = aggregator
    self.reader = reader
    self.memo = memo
    builder = SeriesBuilder(
      limits: aggregator.limits, observations: aggregator.observations, names: aggregator.names)
    groupEnds = [Int](repeating: 0, count: aggregator.shards.count * Router.kinds)
    var generator = SystemRandomNumberGenerator()
    key = FingerprintKey(from: &generator)
  }

  /// Applies every sample of `batch`, whose positions point into `bytes`. What can't be applied is
  /// refused in the batch.
  package mutating func apply(_ batch: inout SampleBatch, bytes: Span<UInt8>) {
    guard !batch.samples.isEmpty else { return }
    sweepMemo()
    findLeases(&batch, bytes)
    group(batch.samples.span)
    applyGroups(&batch, bytes)
  }

  /// Whether the sample at `index` of the batch that was applied last went to a series.
  package func hasTaken(_ index: Int) -> Bool { leases[index].handle != .none }

  private mutating func sweepMemo() {
    let second = aggregator.clock.load(ordering: .relaxed)
    guard second >= nextSweep else { return }
    if second > 0 { memo.sweepNext() }
    nextSweep = second + Router.sweepSeconds
  }

  private mutating func findLeases(_ batch: inout SampleBatch, _ bytes: Span<UInt8>) {
    fingerprints.removeAll()
    leases.removeAll()
    for index in batch.samples.indices {
      let fingerprint = fingerprint(batch.samples[index], bytes)
      memo.prefetchBucket(fingerprint)
      fingerprints.append(fingerprint)
    }
    for index in batch.samples.indices {
      let sample = batch.samples[index]
      if let known = memo.find(fingerprints[index]), stillHolds(known) {
        leases.append(settle(sample, known, &batch))
      } else {
        leases.append(settle(sample, learn(sample, bytes, fingerprints[index]), &batch))
      }
    }
  }

  /// The fingerprint of a sample's name, tags and kind. `none` where they are too long: such an
  /// identity is not remembered, and is parsed each time.
  @inline(__always)
  private func fingerprint(_ sample: Sample, _ bytes: Span<UInt8>) -> Fingerprint {
    let (name, tags) = (Int(sample.nameLength), Int(sample.tagsLength))
    guard name &+ tags <= FingerprintKey.bytesMax else { return .none }
    return key.fingerprint(
      of: sample.kind.index, Int(sample.nameStart), name, Int(sample.tagsStart), tags, in: bytes)
  }

  /// Whether what was learned of an identity is still so, as far as can be told without a lock.
  @inline(__always)
  private func stillHolds(_ known: IdentityMemo.Known) -> Bool {
    guard let refusal = known.refusal else { return true }
    return refusal.isForGood
      || known.lease.generation == aggregator.admissionEpoch.load(ordering: .acquiring)
  }

  /// Counts what is known of a sample's identity, and returns its series, or `none`.
  @inline(__always)
  private func settle(
    _ sample: Sample, _ known: IdentityMemo.Known, _ batch: inout SampleBatch
  ) -> SeriesLease {
    if let refusal = known.refusal {
      batch.refuse(refusal, lineStart: Int(sample.nameStart), lineEnd: Int(sample.lineEnd))
    } else {
      batch.tagsDropped &+= Int(known.tagsDropped)
      batch.tagsInternal &+= Int(known.tagsInternal)
    }
    return known.lease
  }

  /// Parses an identity that is new to this router, or means something new, and remembers what.
  @inline(never)
  private mutating func learn(
    _ sample: Sample, _ bytes: Span<UInt8>, _ fingerprint: Fingerprint
  ) -> IdentityMemo.Known {
    let length = Int(sample.nameLength) + Int(sample.tagsLength)
    let epoch = aggregator.admissionEpoch.load(ordering: .acquiring)
    let known: IdentityMemo.Known
    do throws(Denial) {
      guard length <= aggregator.limits.identityBytesMax else {
        builder.begin()
        throw .beyond(.seriesBytes)
      }
      try read(sample, bytes)
      let lease = try aggregator.resolve(builder, kind: sample.kind)
      known = .series(
        lease, tagsDropped: builder.tagsDropped, tagsInternal: builder.tagsInternal)
    } catch {
      switch error {
      case .refused(let refusal): known = .refused(refusal, epoch: epoch)
      case .beyond(let limit): return overflow(sample, beyond: limit)
      }
    }
    if fingerprint != .none { memo.insert(fingerprint, known) }
    return known
  }

  private mutating func read(_ sample: Sample, _ bytes: Span<UInt8>) throws(Denial) {
    do throws(Refusal) {
      try reader.read(sample, in: bytes, into: &builder)
    } catch {
      throw Limit(onSize: error).map(Denial.beyond) ?? .refused(error)
    }
  }

  /// What becomes of a sample that a limit keeps from a series of its own.
  ///
  /// It is not remembered. So each one is counted by name, one that finds room later gets it, and a
  /// flood of such identities neither takes memory nor pushes out what is worth remembering.
  private func overflow(_ sample: Sample, beyond limit: Limit) -> IdentityMemo.Known {
    do throws(Refusal) {
      let lease = try aggregator.overflow(builder, kind: sample.kind, beyond: limit)
      return .series(
        lease, tagsDropped: builder.tagsDropped, tagsInternal: builder.tagsInternal)
    } catch {
      return .refused(error, epoch: 0)
    }
  }

  /// A counting sort: stable, so that the last of a gauge's values stays the last.
  ///
  /// By kind as well, for what is done with a sample depends on it: in a row, the processor guesses
  /// right what comes next.
  private mutating func group(_ samples: Span<Sample>) {
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
    leases[index].handle.shard &* Router.kinds &+ samples[index].kind.index
  }

  private mutating func applyGroups(_ batch: inout SampleBatch, _ bytes: Span<UInt8>) {
    var start = 0
    var applied = InlineArray<4, Int>(repeating: 0)
    for shard in aggregator.shards.indices {
      let end = groupEnds[(shard + 1) * Router.kinds - 1]
      var isAhead = false
      while start < end {
        start = applyGroup(start..<end, shard, prefetching: !isAhead, batch, &applied)
        isAhead = true
        if start == end { break }
        applyAnew(Int(order[start]), &batch, bytes, &applied)
        start &+= 1
      }
    }
    for kind in applied.indices { batch.samplesApplied[kind] &+= applied[kind] }
  }

  /// Applies samples of one shard, as many as have a series that lives.
  ///
  /// - Returns: The position of the first whose series has expired since it was remembered, or the
  ///   end. Those behind must wait for it, or a gauge might end at a value that was not its last.
  private func applyGroup(
    _ positions: Range<Int>, _ shard: Int, prefetching: Bool, _ batch: borrowing SampleBatch,
    _ applied: inout InlineArray<4, Int>
  ) -> Int {
    let group = order.span.extracting(positions)
    let leases = leases.span
    var done = 0
    let samples = batch.samples.span
    let values = batch.values.span
    let bounds = aggregator.bounds
    aggregator.shards[shard].state.withLock { state in
      let tick = aggregator.clock.load(ordering: .relaxed)
      if prefetching {
        for position in group.indices {
          let index = Int(group[position])
          state.prefetch(row: leases[index].handle.row, kind: samples[index].kind)
        }
      }
      for position in group.indices {
        let index = Int(group[position])
        let lease = leases[index]
        guard
          state.apply(
            samples[index], values: values, bounds: bounds, row: lease.handle.row,
            generation: lease.generation, tick: tick)
        else { break }
        applied[samples[index].kind.index] &+= Int(samples[index].valueCount)
        done &+= 1
      }
    }
    return positions.lowerBound &+ done
  }

  /// Applies a sample whose series has expired since it was remembered: its name may have a new one
  /// by now, or gets one, if it may.
  @inline(never)
  private mutating func applyAnew(
    _ index: Int, _ batch: inout SampleBatch, _ bytes: Span<UInt8>,
    _ applied: inout InlineArray<4, Int>
  ) {
    let sample = batch.samples[index]
    while true {
      let known = learn(sample, bytes, fingerprints[index])
      if let refusal = known.refusal {
        // Its tags were counted when it was thought to have a series.
        batch.tagsDropped &-= builder.tagsDropped
        batch.tagsInternal &-= builder.tagsInternal
        leases[index] = .none
        batch.refuse(refusal, lineStart: Int(sample.nameStart), lineEnd: Int(sample.lineEnd))
        return
      }
      let lease = known.lease
      let values = batch.values.span
      let isApplied = aggregator.shards[lease.handle.shard].state.withLock { state in
        state.apply(
          sample, values: values, bounds: aggregator.bounds, row: lease.handle.row,
          generation: lease.generation, tick: aggregator.clock.load(ordering: .relaxed))
      }
      if isApplied {
        applied[sample.kind.index] &+= Int(sample.valueCount)
        return
      }
    }
  }
}

extension Refusal {
  /// Whether the same identity is refused whatever series there are. Those of a limit on number are
  /// not remembered.
  fileprivate var isForGood: Bool { self != .typeClash }
}

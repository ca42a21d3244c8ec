import WeirBytes
import WeirConcurrency
import WeirMetrics

/// Turns the identity bytes of a batch's samples into series, and applies the batch shard by shard.
///
/// Each receiver has a router of its own, so that finding a series that was seen before takes no
/// lock. A batch is gone through in passes, each of which asks for the memory that the next will
/// read: with 100,000 series nearly every step would otherwise wait for the main memory.
package struct Router: ~Copyable {
  private let aggregator: Aggregator
  private let reader: any IdentityReader
  private let hash: KeyedHash
  private var memo: IdentityMemo
  private var builder: SeriesBuilder

  // One element a sample of the batch at hand.
  private var hashes = Column<UInt64>(capacity: SampleBatch.samplesAim)
  private var handles = Column<SeriesHandle>(capacity: SampleBatch.samplesAim)
  /// Indices of samples, grouped by shard, in the order of arrival within each.
  private var order = Column<UInt32>(capacity: SampleBatch.samplesAim)
  /// Where each shard's group ends in `order`.
  private var groupEnds: [Int]

  package init(aggregator: Aggregator, reader: any IdentityReader) {
    self.init(aggregator: aggregator, reader: reader, memo: IdentityMemo())
  }

  init(aggregator: Aggregator, reader: any IdentityReader, memo: consuming IdentityMemo) {
    self.aggregator = aggregator
    self.reader = reader
    self.memo = memo
    builder = SeriesBuilder(limits: aggregator.limits)
    groupEnds = [Int](repeating: 0, count: aggregator.shards.count)
    var generator = SystemRandomNumberGenerator()
    hash = KeyedHash.random(using: &generator)
  }

  /// Applies every sample of `batch`, whose positions point into `bytes`. What can't be applied is
  /// refused in the batch.
  package mutating func apply(_ batch: inout SampleBatch, bytes: Span<UInt8>) {
    guard !batch.samples.isEmpty else { return }
    findHandles(&batch, bytes)
    groupByShard()
    applyGroups(&batch)
  }

  private mutating func findHandles(_ batch: inout SampleBatch, _ bytes: Span<UInt8>) {
    hashes.removeAll()
    handles.removeAll()
    for index in batch.samples.indices {
      let digest = identityHash(batch.samples[index], bytes)
      memo.prefetchEntry(hash: digest)
      hashes.append(digest)
    }
    for index in hashes.indices { memo.prefetchKey(hash: hashes[index]) }
    for index in batch.samples.indices {
      let sample = batch.samples[index]
      if let known = memo.find(sample, in: bytes, hash: hashes[index]) {
        handles.append(settle(sample, known, &batch))
      } else {
        handles.append(settle(sample, learn(sample, bytes, hash: hashes[index]), &batch))
      }
    }
  }

  /// Never zero, which marks a free entry of the memo.
  @inline(__always)
  private func identityHash(_ sample: Sample, _ bytes: Span<UInt8>) -> UInt64 {
    let name = hash.hash(
      bytes, from: Int(sample.nameStart), length: Int(sample.nameLength),
      state: UInt64(truncatingIfNeeded: sample.kind.index))
    guard sample.tagsLength > 0 else { return name | 1 << 63 }
    return hash.hash(
      bytes, from: Int(sample.tagsStart), length: Int(sample.tagsLength), state: name) | 1 << 63
  }

  /// Counts what is known of a sample's identity, and returns its series, or `none`.
  @inline(__always)
  private func settle(
    _ sample: Sample, _ known: IdentityMemo.Known, _ batch: inout SampleBatch
  ) -> SeriesHandle {
    if let refusal = known.refusal {
      batch.refuse(refusal, lineStart: Int(sample.nameStart), lineEnd: Int(sample.lineEnd))
    } else {
      batch.tagsDropped &+= known.tagsDropped
    }
    return known.handle
  }

  /// Parses an identity that is new to this router, and remembers what it means.
  @inline(never)
  private mutating func learn(
    _ sample: Sample, _ bytes: Span<UInt8>, hash digest: UInt64
  ) -> IdentityMemo.Known {
    let length = Int(sample.nameLength) + Int(sample.tagsLength)
    let known: IdentityMemo.Known
    do throws(Denial) {
      guard length <= aggregator.limits.identityBytesMax else {
        builder.begin()
        throw .beyond(.seriesBytes)
      }
      try read(sample, bytes)
      let handle = try aggregator.resolve(builder, kind: sample.kind)
      known = .series(handle, tagsDropped: builder.tagsDropped)
    } catch {
      switch error {
      case .refused(let refusal): known = .refused(refusal)
      case .beyond(let limit): return overflow(sample, beyond: limit)
      }
    }
    memo.insert(sample, in: bytes, hash: digest, known)
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
      let handle = try aggregator.overflow(builder, kind: sample.kind, beyond: limit)
      return .series(handle, tagsDropped: builder.tagsDropped)
    } catch {
      return .refused(error)
    }
  }

  /// A counting sort: stable, so that the last of a gauge's values stays the last.
  private mutating func groupByShard() {
    for shard in groupEnds.indices { groupEnds[shard] = 0 }
    var routed = 0
    for index in handles.indices where handles[index] != .none {
      groupEnds[handles[index].shard] &+= 1
      routed &+= 1
    }
    var start = 0
    for shard in groupEnds.indices {
      let size = groupEnds[shard]
      groupEnds[shard] = start
      start &+= size
    }
    order.resize(to: routed, filling: 0)
    for index in handles.indices where handles[index] != .none {
      let shard = handles[index].shard
      order[groupEnds[shard]] = UInt32(truncatingIfNeeded: index)
      groupEnds[shard] &+= 1
    }
  }

  private mutating func applyGroups(_ batch: inout SampleBatch) {
    var start = 0
    var applied = InlineArray<4, Int>(repeating: 0)
    for shard in groupEnds.indices {
      let end = groupEnds[shard]
      if start == end { continue }
      let group = order.span.extracting(start..<end)
      let samples = batch.samples.span
      let values = batch.values.span
      let handles = handles.span
      aggregator.shards[shard].state.withLock { state in
        for position in group.indices {
          let index = Int(group[position])
          state.prefetch(row: handles[index].row, kind: samples[index].kind)
        }
        for position in group.indices {
          let index = Int(group[position])
          state.apply(samples[index], values: values, row: handles[index].row)
          applied[samples[index].kind.index] &+= Int(samples[index].valueCount)
        }
      }
      start = end
    }
    for kind in applied.indices { batch.samplesApplied[kind] &+= applied[kind] }
  }
}

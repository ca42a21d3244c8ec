import Synchronization
import WeirBytes
import WeirMetrics

/// Turns the identity bytes of a batch's samples into series, and applies the batch shard by shard.
///
/// Each receiver has a router of its own, so that finding a known series takes no lock. A batch is
/// processed in passes. Each pass prefetches the memory that the next one reads. With 100,000
/// series nearly every step would otherwise wait for main memory.
///
///     pass   reads                         does
///     1      names and tags                fingerprints; prefetches buckets of the memo
///     2      buckets of the memo           leases; a miss parses the tags and asks the aggregator
///     3      leases, kinds                 a counting sort by shard and kind
///     4      rows, a shard at a time       prefetches its rows, then applies, under one lock
package struct SampleRouter: ~Copyable {
  let aggregator: Aggregator
  private let reader: any IdentityReader
  /// Asked for each identity that is new to this router.
  private var rules: any IdentityRules
  private let key: FingerprintKey
  private var memo: IdentityMemo
  var builder: SeriesBuilder
  /// The value of `Aggregator.rulesEpoch` when the memo was last emptied.
  private var rulesEpoch: UInt32
  /// What rules change, beside names, about identities in the memo.
  var changes = SampleChanges()
  /// What was asked of the last series that was resolved.
  private var wanted = Wanted()

  private struct Wanted {
    var kind = MetricKind.counter
    var asked = AskedClass.nothing
    var isMapped = false
    var scale: Double?
  }

  // One element for each sample of the current batch.
  var fingerprints = Column<Fingerprint>(capacity: SampleBatch.samplesAim)
  var leases = Column<SeriesLease>(capacity: SampleBatch.samplesAim)
  /// Indices of samples, grouped by shard and then by kind, in order of arrival within each group.
  var order = Column<UInt32>(capacity: SampleBatch.samplesAim)
  /// Where the group of each shard and kind ends in `order`.
  var groupEnds: [Int]

  static let kinds = MetricKind.allCases.count
  /// The second of the memo's next sweep. It sweeps one segment, full or not.
  private var nextSweep: UInt32 = 0

  /// Seconds between sweeps. With 64 segments an identity is forgotten when it was not used for
  /// about ten minutes.
  static let sweepSeconds: UInt32 = 8

  package init(aggregator: Aggregator, reader: any IdentityReader) {
    self.init(aggregator: aggregator, reader: reader, memo: IdentityMemo())
  }

  init(aggregator: Aggregator, reader: any IdentityReader, memo: consuming IdentityMemo) {
    self.aggregator = aggregator
    self.reader = reader
    self.memo = memo
    rulesEpoch = aggregator.rulesEpoch.load(ordering: .acquiring)
    rules = aggregator.identityRules.withLock { $0 }
    builder = aggregator.makeBuilder()
    groupEnds = [Int](repeating: 0, count: aggregator.shards.count * SampleRouter.kinds)
    var generator = SystemRandomNumberGenerator()
    key = FingerprintKey(from: &generator)
  }

  /// Applies every sample of `batch`, whose positions point into `bytes`. A sample that can't be
  /// applied is refused in the batch.
  package mutating func apply(_ batch: inout SampleBatch, bytes: Span<UInt8>) {
    guard !batch.samples.isEmpty else { return }
    forgetOldRules()
    sweepMemo()
    findLeases(&batch, bytes)
    group(batch.samples.span)
    applyGroups(&batch, bytes)
  }

  /// Whether the sample at `index` of the batch that was applied last went to a series.
  package func hasTaken(_ index: Int) -> Bool { leases[index].handle != .none }

  /// Empties the memo when rules have changed, so that every identity is resolved again.
  private mutating func forgetOldRules() {
    let epoch = aggregator.rulesEpoch.load(ordering: .acquiring)
    guard epoch != rulesEpoch else { return }
    rulesEpoch = epoch
    rules = aggregator.identityRules.withLock { $0 }
    memo.removeAll()
    changes.removeAll()
    builder = aggregator.makeBuilder()
  }

  private mutating func sweepMemo() {
    let second = aggregator.clock.load(ordering: .relaxed)
    guard second >= nextSweep else { return }
    if second > 0 { memo.sweepNext() }
    nextSweep = second + SampleRouter.sweepSeconds
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
      let resolution: Resolution
      if let known = memo.find(fingerprints[index]), isCurrent(known) {
        resolution = known
      } else {
        resolution = resolve(sample, batch.values, bytes, fingerprints[index])
      }
      let isApplied = count(resolution, of: sample, at: index, in: &batch)
      leases.append(isApplied ? resolution.lease : .none)
    }
  }

  /// The fingerprint of a sample's name, tags and kind. It is `none` if they are too long: such an
  /// identity is not remembered, and is parsed each time.
  @inline(__always)
  private func fingerprint(_ sample: Sample, _ bytes: Span<UInt8>) -> Fingerprint {
    let (name, tags) = (Int(sample.nameLength), Int(sample.tagsLength))
    guard name &+ tags <= FingerprintKey.bytesMax else { return .none }
    let (nameStart, tagsStart) = (Int(sample.nameStart), Int(sample.tagsStart))
    return key.fingerprint(
      number: sample.kind.index, first: nameStart..<nameStart &+ name,
      second: tagsStart..<tagsStart &+ tags, in: bytes)
  }

  /// Whether a resolution is still valid, as far as can be seen without a lock.
  @inline(__always)
  private func isCurrent(_ known: Resolution) -> Bool {
    guard case .refused(let refusal) = known.outcome else { return true }
    return refusal.isPermanent
      || known.lease.generation == aggregator.admissionEpoch.load(ordering: .acquiring)
  }

  /// Parses an identity that is new to this router, or whose resolution is out of date, and
  /// remembers the result.
  ///
  /// - Parameter isChecked: Whether the values of the sample are checked, and changed by its rule, already.
  @inline(never)
  mutating func resolve(
    _ sample: Sample, _ values: borrowing Column<Double>, _ bytes: Span<UInt8>,
    _ fingerprint: Fingerprint, isChecked: Bool = false
  ) -> Resolution {
    let length = Int(sample.nameLength) + Int(sample.tagsLength)
    let epoch = aggregator.admissionEpoch.load(ordering: .acquiring)
    let resolution: Resolution
    do throws(Denial) {
      guard length <= aggregator.limits.identityBytesMax else {
        builder.begin()
        wanted = Wanted(kind: sample.sentKind)
        throw .exceeds(.seriesBytes)
      }
      resolution = try resolveAllowed(sample, values, bytes, isChecked: isChecked)
    } catch {
      switch error {
      case .refused(let refusal):
        resolution = .refused(refusal, epoch: epoch, isMapped: wanted.isMapped)
        if refusal.isOfValue { return resolution }
      case .exceeds(let limit): return overflow(sample, exceeding: limit)
      }
    }
    if fingerprint != .none { memo.insert(fingerprint, resolution) }
    return resolution
  }

  /// The resolution of an identity whose length is within the limit.
  private mutating func resolveAllowed(
    _ sample: Sample, _ values: borrowing Column<Double>, _ bytes: Span<UInt8>, isChecked: Bool
  ) throws(Denial) -> Resolution {
    wanted = Wanted(kind: sample.sentKind)
    var renamed: RenamedIdentity?
    do throws(Refusal) {
      let identity = try reader.identity(of: sample, in: bytes)
      switch rules.verdict(on: identity, kind: sample.sentKind, in: bytes) {
      case .asSent(let asked): wanted.asked = asked
      case .dropped: return .dropped
      case .renamed(let identity):
        wanted = Wanted(
          kind: identity.kind, asked: identity.asked, isMapped: true, scale: identity.scale)
        renamed = identity
      }
      try reader.spell(
        identity, as: renamed, kind: wanted.kind, asked: wanted.asked, in: bytes, into: &builder)
    } catch {
      throw LimitName(onSize: error).map(Denial.exceeds) ?? .refused(error)
    }
    // A series that would begin with a value that is refused is not made.
    if !isChecked, let refusal = refusal(of: sample, values) { throw .refused(refusal) }
    let lease = try aggregator.resolve(builder, kind: wanted.kind, asked: wanted.asked)
    // Not sooner, because the name may be another metric's, or one of a flood that finds no room.
    if let help = renamed?.help { aggregator.keep(help: help, of: builder) }
    return found(lease, sample)
  }

  /// Why the values of a sample are refused; nil if they are not.
  private func refusal(
    of sample: Sample, _ values: borrowing Column<Double>
  ) -> Refusal? {
    guard wanted.kind != sample.sentKind || wanted.scale != nil else {
      return sample.isNegative ? .negativeCounter : nil
    }
    return SampleChange(
      sentKind: sample.sentKind, kind: wanted.kind, scale: wanted.scale ?? 1, tagsDropped: 0,
      tagsInternal: 0
    ).refusal(of: sample, values)
  }

  /// A resolution to a series, with what the rule of the identity that was spelled last changes.
  private mutating func found(_ lease: SeriesLease, _ sample: Sample) -> Resolution {
    guard wanted.kind != sample.sentKind || wanted.scale != nil else {
      return .series(
        lease, tagsDropped: builder.tagsDropped, tagsInternal: builder.tagsInternal,
        isMapped: wanted.isMapped)
    }
    if changes.isFull {
      // Leases in the batch stay valid; the other identities are resolved again.
      memo.removeAll()
      changes.removeAll()
    }
    return .changed(
      lease,
      changes.number(
        of: SampleChange(
          sentKind: sample.sentKind, kind: wanted.kind, scale: wanted.scale ?? 1,
          tagsDropped: builder.tagsDropped, tagsInternal: builder.tagsInternal)))
  }

  /// The resolution of a sample whose own series would exceed a limit.
  ///
  /// It is not remembered. So each such sample is counted by name, and an identity that finds room
  /// later gets its series. A flood of such identities takes no memory, and does not replace useful
  /// entries.
  private mutating func overflow(_ sample: Sample, exceeding limit: LimitName) -> Resolution {
    do throws(Refusal) {
      let lease = try aggregator.overflow(
        builder, kind: wanted.kind, exceeding: limit, asked: wanted.asked)
      return found(lease, sample)
    } catch {
      return .refused(error, epoch: 0, isMapped: wanted.isMapped)
    }
  }
}

extension Refusal {
  /// Whether the same identity is always refused, whichever series exist. Refusals of a limit on
  /// number are not remembered at all.
  fileprivate var isPermanent: Bool { self != .typeClash }

  /// Whether it is for the values, so that the next sample of the identity may be accepted.
  fileprivate var isOfValue: Bool { self == .negativeCounter || self == .infinite }
}

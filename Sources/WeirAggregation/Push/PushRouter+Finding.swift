import Synchronization
import WeirBytes
import WeirMetrics
import WeirPush

/// Finds the owner's entries for the series of a frame's records.
extension PushRouter {
  mutating func findEntries(
    _ frame: inout PushFrame, _ bytes: Span<UInt8>, _ owner: inout Owner, isFirst: Bool
  ) {
    entries.removeAll()
    refused.removeAll(keepingCapacity: true)
    let share = owners.limits.totalsMax(isForwarder: frame.header.isForwarder)
    roomLeft = min(owners.room.totalsLeft, max(0, share - owner.taken))
    // If only this owner's share is used up, no other owner is forgotten.
    let isShortForAll = owners.room.totalsLeft < share - owner.taken
    for index in frame.records.indices {
      let record = frame.records[index]
      // A record of a change counts only once.
      if record.isChange && !isFirst {
        entries.append(-1)
        continue
      }
      let entry = owner.entries.find(record.fingerprint)
      if owner.isRestored, let entry, !isAbout(record, owner.entries[entry]) {
        frame.refuse(.typeClash, name: record.name)
        entries.append(-1)
        continue
      }
      if let entry, !mayGrow(record, owner.entries[entry].detail) {
        entries.append(Int32(truncatingIfNeeded: entry))
      } else if !takeRoom(for: record, entry, frame, owner) {
        if isShortForAll { owners.room.runShort() }
        frame.refuse(.tooManyTotals, name: record.name)
        entries.append(-1)
      } else if let entry {
        entries.append(Int32(truncatingIfNeeded: entry))
      } else {
        entries.append(addEntry(record, &frame, bytes, &owner))
      }
    }
  }

  /// Whether an entry is about the same as a record with its fingerprint. If a state file was
  /// changed by hand, it may not be.
  @inline(never)
  private func isAbout(_ record: PushRecord, _ entry: OwnerEntry) -> Bool {
    entry.about == PushRecord.about(record.content)
  }

  /// Whether a record of a known series may increase the memory that its owner takes.
  ///
  /// - Parameter detail: The `detail` of the entry.
  @inline(__always)
  private func mayGrow(_ record: PushRecord, _ detail: UInt64) -> Bool {
    switch record.content {
    case .counter, .increment, .observations, .members, .sketch: false
    case .gauge, .textGauge, .histogram: detail == 0
    case .gaugeAdd, .exponential: true
    }
  }

  /// Takes from `roomLeft` what a record may add to the memory of its owner.
  ///
  /// - Parameter entry: The entry of its series, if it exists.
  /// - Returns: False, and nothing has changed, if there is not enough room.
  @inline(never)
  private mutating func takeRoom(
    for record: PushRecord, _ entry: Int?, _ frame: borrowing PushFrame, _ owner: borrowing Owner
  ) -> Bool {
    var bytes = 0
    // A baseline is kept in addition to the total.
    let copies = owner.memoryAge > 0 ? 2 : 1
    switch record.content {
    case .increment, .observations, .members, .sketch: break
    case .counter: bytes = (copies - 1) * MemoryLayout<Double>.stride
    case .gauge, .gaugeAdd:
      // A known gauge whose value was removed takes a new place.
      bytes = entry.map { owner.entries[$0].detail == 0 } ?? true ? Owner.gaugeBytes : 0
      if record.content == .gaugeAdd, entry.map({ owner.gaugeChanges[$0] == nil }) ?? true {
        bytes += GaugeChanges.bytesMax
      }
    case .textGauge:
      bytes = entry.map { owner.entries[$0].detail == 0 } ?? true ? TextGauge.bytes : 0
    case .histogram:
      if entry.map({ owner.entries[$0].detail == 0 }) ?? true {
        let cells = HistogramTotal.firstBucket + folds.bucketCount(record.bounds)
        bytes = cells * MemoryLayout<Double>.stride * copies
      }
    case .exponential:
      let known = entry.map { Int(owner.entries[$0].first) }
      let widest = max(bucketCountMax, aggregator.widestAsked.load(ordering: .relaxed))
      let cumulative = widest * MemoryLayout<Double>.stride
      let begun = (ExponentialTotal.bytesMin + cumulative) * copies
      bytes = known == nil ? begun : 0
      let held = known.map { owner.exponentials[$0].buckets.bucketCount } ?? 0
      let most = NativeHistogram.totalBucketsMax - min(held, NativeHistogram.totalBucketsMax)
      let grown =
        min(Int(record.numbers.count), most) * NativeHistogram.bucketBytes
        * (known == nil ? copies : 1)
      bytes += grown
      // The buckets may be the same as before. That is checked only if it matters.
      if let known, units(bytes) > roomLeft {
        let arriving = NativeHistogram(record, frame.numbers.span, frame.indices.span)
        bytes -= grown
        bytes += owner.exponentials[known].buckets.bytesGained(by: arriving)
      }
    }
    let needed = (entry == nil ? 1 : 0) + units(bytes)
    guard needed <= roomLeft else { return false }
    roomLeft -= needed
    return true
  }

  private func units(_ bytes: Int) -> Int {
    (bytes + OwnerLimits.totalBytes - 1) / OwnerLimits.totalBytes
  }

  /// Makes an entry for a series that is new to its owner; -1 if it is refused.
  @inline(never)
  private mutating func addEntry(
    _ record: PushRecord, _ frame: inout PushFrame, _ bytes: Span<UInt8>, _ owner: inout Owner
  ) -> Int32 {
    if let known = refused.first(where: { $0.fingerprint == record.fingerprint }) {
      frame.refuse(known.refusal, name: record.name)
      return -1
    }
    do throws(Refusal) {
      var entry = OwnerEntry(record.fingerprint, try resolve(record, frame, bytes), record.content)
      if record.content == .exponential {
        let schema = ExponentialSchema(Int(record.schema))
        entry.first = owner.addExponential(ExponentialTotal(schema))
      }
      return Int32(truncatingIfNeeded: owner.entries.add(entry))
    } catch {
      if refused.count < PushRouter.refusedMax { refused.append((record.fingerprint, error)) }
      frame.refuse(error, name: record.name)
      return -1
    }
  }

  /// The series of a record: an existing one, a new one, or the overflow series.
  mutating func resolve(
    _ record: PushRecord, _ frame: borrowing PushFrame, _ bytes: Span<UInt8>
  ) throws(Refusal) -> SeriesLease {
    let denial: Denial
    let asked =
      record.content == .histogram
      ? folds.pushed(record.bounds).map { AskedClass.bounds($0) } ?? .nothing : .nothing
    do throws(Denial) {
      try spell(record, frame, bytes)
      return try aggregator.resolve(builder, kind: record.kind, asked: asked)
    } catch {
      denial = error
    }
    switch denial {
    case .refused(let refusal): throw refusal
    case .exceeds(let limit):
      return try aggregator.overflow(
        builder, kind: record.kind, exceeding: limit, asked: asked)
    }
  }

  private mutating func spell(
    _ record: PushRecord, _ frame: borrowing PushFrame, _ bytes: Span<UInt8>
  ) throws(Denial) {
    do throws(Refusal) {
      try spell(
        frame, bytes, kind: record.kind, name: record.name, record.labels, withCommon: true)
    } catch {
      throw LimitName(onSize: error).map(Denial.exceeds) ?? .refused(error)
    }
  }

  /// Builds the one spelling of a series.
  ///
  /// - Parameter name: Index of a string; nil for a placeholder.
  mutating func spell(
    _ frame: borrowing PushFrame, _ bytes: Span<UInt8>, kind: MetricKind, name: UInt32?,
    _ labels: PushRange, withCommon: Bool = false
  ) throws(Refusal) {
    builder.begin()
    if let name {
      let text = frame.strings[Int(name)].range
      builder.appendName(bytes, from: text.lowerBound, to: text.upperBound)
      if builder.nameLength > aggregator.limits.nameBytesMax { throw .nameTooLong }
    } else {
      builder.appendName(PushRouter.someName.span, from: 0, to: PushRouter.someName.count)
    }
    // The series' own labels come last, because the later of two labels with one name wins.
    let own = withCommon ? frame.common.count : 0
    let emptied = try emptied(frame, bytes, labels, commonCount: own)
    if withCommon {
      for index in frame.common.indices {
        let label = frame.common[index]
        if emptied.isEmpty || !isEmptied(Int(label.name), index, by: emptied, frame, bytes) {
          try addTag(Int(label.name), Int(label.value), frame, bytes)
        }
      }
    }
    // They were checked when the frame was decoded.
    var cursor = ByteCursor(bytes, from: Int(labels.first), to: bytes.count)
    for index in 0..<Int(labels.count) {
      let name = Int(truncatingIfNeeded: cursor.varint())
      let value = Int(truncatingIfNeeded: cursor.varint())
      if emptied.isEmpty || !isEmptied(name, own + index, by: emptied, frame, bytes) {
        try addTag(name, value, frame, bytes)
      }
    }
    try builder.finish(kind: kind)
  }

  /// The names of a series' labels without a value, which remove earlier labels of the same name,
  /// and their places after the common labels. The decoder has kept only common labels that have a
  /// value.
  private func emptied(
    _ frame: borrowing PushFrame, _ bytes: Span<UInt8>, _ labels: PushRange, commonCount: Int
  ) throws(Refusal) -> [(name: Int, place: Int)] {
    var emptied: [(name: Int, place: Int)] = []
    var cursor = ByteCursor(bytes, from: Int(labels.first), to: bytes.count)
    for index in 0..<Int(labels.count) {
      let name = Int(truncatingIfNeeded: cursor.varint())
      let value = Int(truncatingIfNeeded: cursor.varint())
      if frame.strings[value].length == 0 { emptied.append((name, commonCount + index)) }
    }
    // Each is compared with all others. No client has more of them.
    guard emptied.count <= aggregator.limits.labelsPerSeriesMax else { throw .tooManyLabels }
    return emptied
  }

  /// Whether a later label of the same name has no value.
  private func isEmptied(
    _ name: Int, _ place: Int, by emptied: [(name: Int, place: Int)],
    _ frame: borrowing PushFrame, _ bytes: Span<UInt8>
  ) -> Bool {
    let text = frame.strings[name].range
    return emptied.contains { other in
      guard other.place > place else { return false }
      if other.name == name { return true }
      let start = frame.strings[other.name].range
      return start.count == text.count
        && bytes.matches(at: text.lowerBound, bytes, at: start.lowerBound, length: text.count)
    }
  }

  private static let someName = Array("e".utf8)

  private mutating func addTag(
    _ name: Int, _ value: Int, _ frame: borrowing PushFrame, _ bytes: Span<UInt8>
  ) throws(Refusal) {
    let name = frame.strings[name].range
    let value = frame.strings[value].range
    // Checked before it is read, because one byte of the frame can name a long string again. A
    // scalar of four bytes becomes one `_`.
    guard name.count <= 4 * (aggregator.limits.labelNameBytesMax + 1) else {
      throw .labelNameTooLong
    }
    try builder.addTag(
      bytes, nameFrom: name.lowerBound, to: name.upperBound, valueFrom: value.lowerBound,
      to: value.upperBound)
  }
}

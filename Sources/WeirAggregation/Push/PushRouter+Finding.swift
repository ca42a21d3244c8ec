import WeirBytes
import WeirMetrics

/// Finds what an owner has told of the series of a frame's records.
extension PushRouter {
  mutating func findEntries(
    _ frame: inout PushFrame, _ bytes: Span<UInt8>, _ owner: inout Owner, isFirst: Bool, room: Int
  ) {
    entries.removeAll()
    refused.removeAll(keepingCapacity: true)
    let most = owner.taken + room
    for index in frame.records.indices {
      let record = frame.records[index]
      // What tells of a change counts once.
      if record.isChange && !isFirst {
        entries.append(-1)
        continue
      }
      if let entry = owner.entries.find(record.print) {
        entries.append(Int32(truncatingIfNeeded: entry))
      } else if owner.taken >= most {
        frame.refuse(.tooManyTotals, name: record.name)
        entries.append(-1)
      } else {
        entries.append(learn(record, &frame, bytes, &owner))
      }
    }
  }

  /// Makes an entry for a series that its owner tells of for the first time; -1 where it may have none.
  @inline(never)
  private mutating func learn(
    _ record: PushRecord, _ frame: inout PushFrame, _ bytes: Span<UInt8>, _ owner: inout Owner
  ) -> Int32 {
    if let known = refused.first(where: { $0.print == record.print }) {
      frame.refuse(known.refusal, name: record.name)
      return -1
    }
    do throws(Refusal) {
      var entry = OwnerEntry(record.print, try resolve(record, frame, bytes))
      if record.content == .exponential {
        entry.first = UInt64(owner.exponentials.count)
        owner.exponentials.append(ExponentialTotal(ExponentialSchema(Int(record.schema))))
      }
      return Int32(truncatingIfNeeded: owner.entries.add(entry))
    } catch {
      if refused.count < PushRouter.refusedMax { refused.append((record.print, error)) }
      frame.refuse(error, name: record.name)
      return -1
    }
  }

  /// The series that a record speaks of: found, or made, or the one that takes what is too many.
  mutating func resolve(
    _ record: PushRecord, _ frame: borrowing PushFrame, _ bytes: Span<UInt8>
  ) throws(Refusal) -> SeriesLease {
    let denial: Denial
    do throws(Denial) {
      try spell(record, frame, bytes)
      return try aggregator.resolve(builder, kind: record.kind)
    } catch {
      denial = error
    }
    switch denial {
    case .refused(let refusal): throw refusal
    case .beyond(let limit):
      return try aggregator.overflow(builder, kind: record.kind, beyond: limit)
    }
  }

  private mutating func spell(
    _ record: PushRecord, _ frame: borrowing PushFrame, _ bytes: Span<UInt8>
  ) throws(Denial) {
    do throws(Refusal) {
      try spell(
        frame, bytes, kind: record.kind, name: record.name, record.labels, withCommon: true)
    } catch {
      throw Limit(onSize: error).map(Denial.beyond) ?? .refused(error)
    }
  }

  /// Builds the one spelling of a series.
  ///
  /// - Parameter name: Index of a string; nil for some name.
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
    // Those of the series come last, for of two with one name the later holds.
    if withCommon {
      for index in frame.common.indices {
        let label = frame.common[index]
        try addTag(Int(label.name), Int(label.value), frame, bytes)
      }
    }
    // They were checked when the frame was decoded.
    var cursor = ByteCursor(bytes, from: Int(labels.first), to: bytes.count)
    for _ in 0..<labels.count {
      let name = Int(truncatingIfNeeded: cursor.varint())
      let value = Int(truncatingIfNeeded: cursor.varint())
      try addTag(name, value, frame, bytes)
    }
    try builder.finish(kind: kind)
  }

  private static let someName = Array("e".utf8)

  private mutating func addTag(
    _ name: Int, _ value: Int, _ frame: borrowing PushFrame, _ bytes: Span<UInt8>
  ) throws(Refusal) {
    let name = frame.strings[name].range
    let value = frame.strings[value].range
    // Before it is read: a byte of the frame names a string again, however long that is. A scalar of four
    // bytes becomes one `_`.
    guard name.count <= 4 * (aggregator.limits.labelNameBytesMax + 1) else {
      throw .labelNameTooLong
    }
    try builder.addTag(
      bytes, nameFrom: name.lowerBound, to: name.upperBound, valueFrom: value.lowerBound,
      to: value.upperBound)
  }
}

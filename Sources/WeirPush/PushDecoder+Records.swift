import WeirBytes
import WeirMetrics

extension PushDecoder {
  /// Reads the sender's clock, if the first record has it.
  ///
  /// A clock with an impossible time, or anywhere else in the frame, is refused as a record.
  func readClock(_ cursor: inout ByteCursor, into frame: inout PushFrame) {
    var records = ByteCursor(cursor.bytes, from: cursor.index, to: cursor.end)
    guard records.varint() == UInt64(PushFormat.RecordType.clock.rawValue) else { return }
    var fields = records.part(records.count())
    let milliseconds = fields.varint()
    guard !records.hasFailed, !fields.hasFailed, (1...PushDecoder.timeMax).contains(milliseconds)
    else { return }
    frame.header.clockMilliseconds = milliseconds
    cursor = records
  }

  /// Reads that the sender is a forwarder, if the first record after the clock says so.
  ///
  /// Such a record anywhere else is refused as a record.
  func readForwarder(_ cursor: inout ByteCursor, into frame: inout PushFrame) {
    var records = ByteCursor(cursor.bytes, from: cursor.index, to: cursor.end)
    guard records.varint() == UInt64(PushFormat.RecordType.forwarder.rawValue) else { return }
    // What is in it is reserved for later versions.
    _ = records.skip(records.count())
    guard !records.hasFailed else { return }
    frame.header.isForwarder = true
    cursor = records
  }

  /// Reads one record and appends it to the frame, or refuses it there. It takes exactly the bytes
  /// of its length.
  @inline(__always)
  mutating func readRecord(_ cursor: inout ByteCursor, into frame: inout PushFrame) {
    let type = cursor.varint()
    let length = cursor.count()
    var fields = cursor.part(length)
    // Nobody knows then where the next record begins; `fail` has moved the cursor to the end.
    if cursor.hasFailed { return frame.refuse(.malformed) }
    if type == UInt64(PushFormat.RecordType.counter.rawValue),
      readPlainCounter(fields, into: &frame)
    {
      return
    }
    guard type <= 0xFF, let type = PushFormat.RecordType(rawValue: UInt8(type)) else {
      return frame.refuse(RecordRefusal.unknownType)
    }
    // At their places they have been read, and they have no name.
    if type == .clock || type == .forwarder { return frame.refuse(RecordRefusal.malformed) }
    let start = fields.index
    do throws(RecordRefusal) {
      if type == .meta {
        try readMeta(&fields, into: &frame)
      } else {
        let record = try readRecord(type, &fields, into: &frame)
        frame.records.append(record)
      }
    } catch {
      // All of these records begin with the name.
      var again = ByteCursor(fields.bytes, from: start, to: fields.end)
      let name = again.varint()
      let isKnown = !again.hasFailed && name < UInt64(fingerprints.count)
      frame.refuse(error, name: isKnown ? UInt32(truncatingIfNeeded: name) : nil)
    }
  }

  /// The fast path: a valid counter without exemplars, which most records are, with or without the
  /// time when it began.
  ///
  /// - Returns: False for any other record, of which nothing has been read then.
  @inline(__always)
  private mutating func readPlainCounter(
    _ record: borrowing ByteCursor, into frame: inout PushFrame
  ) -> Bool {
    var fields = ByteCursor(record.bytes, from: record.index, to: record.end)
    let strings = UInt64(truncatingIfNeeded: fingerprints.count)
    let name = fields.varint()
    guard name < strings else { return false }
    var fingerprint = common
    fingerprints.addName(
      Int(truncatingIfNeeded: name), about: PushRecord.about(.counter), to: &fingerprint)
    let count = fields.count(bytesEach: 2)
    let labels = PushRange(first: fields.index, count: count)
    var seen = commonNames
    for _ in 0..<count {
      let name = fields.varint()
      let value = fields.varint()
      guard name < strings, value < strings,
        fingerprints.addPlainLabel(
          name: Int(truncatingIfNeeded: name), value: Int(truncatingIfNeeded: value), seen: &seen,
          to: &fingerprint)
      else { return false }
    }
    // A record without labels of its own has not looked at the common ones.
    guard seen != .max else { return false }
    let value = fields.number()
    var began = PushRecord.notTold
    // Before the time when the series began, the number of exemplars is written: 0.
    if fields.remaining > 0 {
      guard fields.byte() == 0, fields.remaining > 0 else { return false }
      began = Int64(clamping: fields.varint())
    }
    // Finite and not negative, in one comparison: the bits are below those of infinity.
    guard !fields.hasFailed, fields.remaining == 0, value.bitPattern < Double.infinity.bitPattern
    else { return false }
    var record = PushRecord(
      content: .counter, name: UInt32(truncatingIfNeeded: name), labels: labels,
      fingerprint: fingerprint)
    record.value = value
    record.time = began
    frame.records.append(record)
    return true
  }

  private mutating func readRecord(
    _ type: PushFormat.RecordType, _ fields: inout ByteCursor, into frame: inout PushFrame
  ) throws(RecordRefusal) -> PushRecord {
    let content = type.content
    let name = fields.varint()
    guard name < UInt64(fingerprints.count) else {
      throw fields.hasFailed ? .malformed : .badString
    }
    var fingerprint = common
    let labels = try readSeriesLabels(&fields, frame, &fingerprint)
    fingerprints.addName(
      Int(truncatingIfNeeded: name), about: PushRecord.about(content), to: &fingerprint)
    var record = PushRecord(
      content: content, name: UInt32(truncatingIfNeeded: name), labels: labels,
      fingerprint: fingerprint)
    var mayBeNegative = false
    switch record.content {
    case .counter, .increment:
      record.value = fields.number()
    case .gauge, .gaugeAdd:
      guard let merge = GaugeMerge(rawValue: fields.byte()) else { throw .malformed }
      record.merge = merge
      record.value = fields.number()
      mayBeNegative = true
      if record.content == .gauge && record.value.isNaN && !fields.hasFailed { return record }
    case .observations: try readObservations(&fields, into: &record, &frame)
    case .histogram:
      try readHistogram(&fields, into: &record, &frame)
      mayBeNegative = true
    case .exponential:
      try readExponential(&fields, into: &record, &frame)
      mayBeNegative = true
    case .members: readMembers(&fields, into: &record, &frame)
    case .sketch: try readSketch(&fields, into: &record, &frame)
    case .textGauge:
      try readTextGauge(&fields, into: &record, &frame)
      mayBeNegative = true
    }
    if fields.hasFailed { throw .malformed }
    guard record.value.isFinite, mayBeNegative || record.value >= 0 else { throw .badNumber }
    if fields.remaining > 0, record.content.hasExemplars {
      try readExemplars(&fields, into: &record, &frame)
    }
    if fields.remaining > 0 { try readTime(&fields, into: &record) }
    return record
  }

  /// Reads the time at the end of a record that has one. What follows is skipped.
  private func readTime(
    _ fields: inout ByteCursor, into record: inout PushRecord
  ) throws(RecordRefusal) {
    switch record.content {
    case .gauge, .counter, .histogram, .exponential, .textGauge:
      record.time = Int64(clamping: fields.varint())
    case .members, .sketch:
      record.time = max(fields.zigzag(), PushRecord.notTold + 1)
    case .increment, .gaugeAdd, .observations: return
    }
    if fields.hasFailed { throw .malformed }
  }

  private func readExemplars(
    _ fields: inout ByteCursor, into record: inout PushRecord, _ frame: inout PushFrame
  ) throws(RecordRefusal) {
    let count = fields.count(bytesEach: 3)
    let first = frame.examples.count
    for _ in 0..<count {
      let labels = try readLabels(&fields)
      let value = fields.number()
      let age = fields.varint()
      if fields.hasFailed { throw .malformed }
      guard value.isFinite else { throw .badNumber }
      frame.examples.append(PushFrame.Example(labels: labels, value: value, ageMilliseconds: age))
    }
    if fields.hasFailed { throw .malformed }
    record.exemplars = PushRange(first: first, count: count)
  }

  private func readMeta(
    _ fields: inout ByteCursor, into frame: inout PushFrame
  ) throws(RecordRefusal) {
    let name = fields.varint()
    let unit = fields.varint()
    let help = fields.varint()
    if fields.hasFailed { throw .malformed }
    let strings = UInt64(frame.strings.count)
    guard name < strings, unit <= strings, help <= strings else { throw .badString }
    frame.metas.append(
      PushFrame.Meta(name: UInt32(name), unit: UInt32(unit), help: UInt32(help)))
  }
}

extension PushRecord.Content {
  fileprivate var hasExemplars: Bool {
    switch self {
    case .counter, .increment, .observations, .histogram, .exponential: true
    case .gauge, .gaugeAdd, .members, .sketch, .textGauge: false
    }
  }
}

extension PushFormat.RecordType {
  /// - Precondition: neither `meta`, `clock` nor `forwarder`, which belong to no series.
  fileprivate var content: PushRecord.Content {
    switch self {
    case .counter: .counter
    case .increment: .increment
    case .gauge: .gauge
    case .gaugeAdd: .gaugeAdd
    case .observations: .observations
    case .histogram: .histogram
    case .exponential: .exponential
    case .members: .members
    case .sketch: .sketch
    case .textGauge: .textGauge
    case .meta, .clock, .forwarder: preconditionFailure("a record of no series")
    }
  }
}

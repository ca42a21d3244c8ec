import WeirBytes
import WeirMetrics

extension PushDecoder {
  /// Reads the record that tells the sender's clock, if the first one does.
  ///
  /// It is refused where its time can't be, and anywhere else in the frame.
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

  /// Reads one record, which can take neither more nor less of the frame than its length, and appends
  /// it to the frame or refuses it there.
  @inline(__always)
  mutating func readRecord(_ cursor: inout ByteCursor, into frame: inout PushFrame) {
    let type = cursor.varint()
    let length = cursor.count()
    var fields = cursor.part(length)
    // Where the next record begins is then not known; `fail` has gone to the end.
    if cursor.hasFailed { return frame.refuse(.malformed) }
    if type == UInt64(PushFormat.RecordType.counter.rawValue),
      readPlainCounter(fields, into: &frame)
    {
      return
    }
    guard type <= 0xFF, let type = PushFormat.RecordType(rawValue: UInt8(type)) else {
      return frame.refuse(RecordRefusal.unknownType)
    }
    let start = fields.index
    do throws(RecordRefusal) {
      switch type {
      case .meta: try readMeta(&fields, into: &frame)
      case .clock: throw RecordRefusal.malformed
      default:
        let record = try readRecord(type, &fields, into: &frame)
        frame.records.append(record)
      }
    } catch {
      // Every type begins with the name.
      var again = ByteCursor(fields.bytes, from: start, to: fields.end)
      let name = again.varint()
      let isKnown = !again.hasFailed && name < UInt64(fingerprints.count)
      frame.refuse(error, name: isKnown ? UInt32(truncatingIfNeeded: name) : nil)
    }
  }

  /// Reads a counter as clients send it nearly always: without exemplars and without a mistake, with the
  /// time when it began or without.
  ///
  /// - Returns: False, and nothing has been read, where it is any other.
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
    // With no labels of its own it would not have been noticed that the common ones need a look.
    guard seen != .max else { return false }
    let value = fields.number()
    var began = PushRecord.notTold
    // Clients that tell when the series began write that there are no exemplars first.
    if fields.remaining > 0 {
      guard fields.byte() == 0, fields.remaining > 0 else { return false }
      began = Int64(clamping: fields.varint())
    }
    // Below the bits of infinity is what is finite and not negative, in one comparison.
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
    }
    if fields.hasFailed { throw .malformed }
    guard record.value.isFinite, mayBeNegative || record.value >= 0 else { throw .badNumber }
    if fields.remaining > 0, record.content.hasExemplars {
      try readExemplars(&fields, into: &record, &frame)
    }
    if fields.remaining > 0 { try readTime(&fields, into: &record) }
    return record
  }

  /// Reads the time that a record ends with, where it is one that has it. What follows is skipped.
  private func readTime(
    _ fields: inout ByteCursor, into record: inout PushRecord
  ) throws(RecordRefusal) {
    switch record.content {
    case .gauge, .counter, .histogram, .exponential:
      record.time = Int64(clamping: fields.varint())
    case .members, .sketch:
      record.time = max(fields.zigzag(), PushRecord.notTold + 1)
    case .increment, .gaugeAdd, .observations: return
    }
    if fields.hasFailed { throw .malformed }
  }

  /// Reads the labels of a record's series, and adds them to its fingerprint.
  ///
  /// - Returns: Where they lie in the bytes, and how many there are.
  private mutating func readSeriesLabels(
    _ fields: inout ByteCursor, _ frame: borrowing PushFrame, _ fingerprint: inout Fingerprint
  ) throws(RecordRefusal) -> PushRange {
    let count = fields.count(bytesEach: 2)
    let start = fields.index
    var seen = commonNames
    var arePlain = true
    for _ in 0..<count {
      let (name, value) = try readLabel(&fields)
      arePlain =
        fingerprints.addPlainLabel(name: name, value: value, seen: &seen, to: &fingerprint)
        && arePlain
    }
    if fields.hasFailed { throw .malformed }
    let labels = PushRange(first: start, count: count)
    if !arePlain || seen == .max { fingerprint = exactFingerprint(labels, frame, fields.bytes) }
    return labels
  }

  /// Reads a count and so many labels that are of no series.
  ///
  /// - Returns: Where they lie in the bytes, and how many there are.
  private func readLabels(_ fields: inout ByteCursor) throws(RecordRefusal) -> PushRange {
    let count = fields.count(bytesEach: 2)
    let start = fields.index
    for _ in 0..<count { _ = try readLabel(&fields) }
    if fields.hasFailed { throw .malformed }
    return PushRange(first: start, count: count)
  }

  /// Reads the indices of a label's strings.
  @inline(__always)
  private func readLabel(
    _ fields: inout ByteCursor
  ) throws(RecordRefusal) -> (name: Int, value: Int) {
    let name = fields.varint()
    let value = fields.varint()
    guard name < UInt64(fingerprints.count), value < UInt64(fingerprints.count) else {
      throw fields.hasFailed ? .malformed : .badString
    }
    return (Int(truncatingIfNeeded: name), Int(truncatingIfNeeded: value))
  }

  private func readObservations(
    _ fields: inout ByteCursor, into record: inout PushRecord,
    _ frame: inout PushFrame
  ) throws(RecordRefusal) {
    record.value = fields.number()
    guard record.value > 0 || fields.hasFailed else { throw .badNumber }
    let count = fields.count()
    record.numbers = PushRange(first: frame.numbers.count, count: count)
    var areFinite = true
    for _ in 0..<count {
      let value = fields.number()
      areFinite = areFinite && value.isFinite
      frame.numbers.append(value)
    }
    guard areFinite else { throw .badNumber }
  }

  private func readMembers(
    _ fields: inout ByteCursor, into record: inout PushRecord,
    _ frame: inout PushFrame
  ) {
    let count = fields.count(bytesEach: 8)
    record.numbers = PushRange(first: frame.numbers.count, count: count)
    for _ in 0..<count { frame.numbers.append(Double(bitPattern: fields.word())) }
  }

  private func readSketch(
    _ fields: inout ByteCursor, into record: inout PushRecord,
    _ frame: inout PushFrame
  ) throws(RecordRefusal) {
    let precision = fields.byte()
    if fields.hasFailed { return }
    guard precision == PushFormat.sketchPrecision else { throw .badBuckets }
    let count = fields.count(bytesEach: 2)
    beginCells(count, of: &record, frame)
    var register: UInt64 = 0
    for _ in 0..<count {
      register = try next(register, fields.varint(), upTo: 1 << UInt64(precision))
      let rank = fields.byte()
      guard rank <= 64 - precision + 1 else { throw .badBuckets }
      frame.indices.append(Int32(truncatingIfNeeded: register - 1))
      frame.numbers.append(Double(rank))
    }
  }

  private func readHistogram(
    _ fields: inout ByteCursor, into record: inout PushRecord,
    _ frame: inout PushFrame
  ) throws(RecordRefusal) {
    let bounds = fields.varint()
    guard bounds <= UInt64(frame.boundsLists.count) else { throw .badBuckets }
    record.bounds = UInt32(truncatingIfNeeded: bounds)
    record.value = fields.number()
    let upper =
      bounds == 0
      ? HistogramBounds.standard.upper.count : Int(frame.boundsLists[Int(bounds) - 1].count)
    let count = fields.count(bytesEach: 2)
    beginCells(count, of: &record, frame)
    var bucket: UInt64 = 0
    for _ in 0..<count {
      bucket = try next(bucket, fields.varint(), upTo: UInt64(upper) + 1)
      frame.indices.append(Int32(truncatingIfNeeded: bucket - 1))
      frame.numbers.append(try weight(fields.number()))
    }
  }

  private func readExponential(
    _ fields: inout ByteCursor, into record: inout PushRecord,
    _ frame: inout PushFrame
  ) throws(RecordRefusal) {
    let schema = fields.zigzag()
    guard (-4...8).contains(schema) else { throw .badBuckets }
    record.schema = Int8(schema)
    record.value = fields.number()
    let zeroCount = try weight(fields.number())
    beginCells(0, of: &record, frame)
    try readRun(&fields, into: &record, &frame)
    record.positives = record.numbers.count
    try readRun(&fields, into: &record, &frame)
    frame.numbers.append(zeroCount)
    record.numbers.count += 1
  }

  /// Exponential buckets of one sign.
  private func readRun(
    _ fields: inout ByteCursor, into record: inout PushRecord,
    _ frame: inout PushFrame
  ) throws(RecordRefusal) {
    let count = fields.count(bytesEach: 2)
    let indices = ExponentialSchema(Int(record.schema)).indices
    var index: Int64 = 0
    for place in 0..<count {
      if place == 0 {
        index = fields.zigzag()
      } else {
        let skipped = fields.varint()
        guard skipped < 1 << 32 else { throw .badBuckets }
        index += 1 + Int64(skipped)
      }
      guard indices.contains(index) else { throw .badBuckets }
      frame.indices.append(Int32(index))
      frame.numbers.append(try weight(fields.number()))
    }
    record.numbers.count += UInt32(count)
  }

  private func beginCells(_ count: Int, of record: inout PushRecord, _ frame: borrowing PushFrame) {
    record.numbers = PushRange(first: frame.numbers.count, count: count)
    record.firstIndex = UInt32(truncatingIfNeeded: frame.indices.count)
  }

  /// One more than the place that lies so many behind the one before it.
  private func next(
    _ place: UInt64, _ skipped: UInt64, upTo limit: UInt64
  ) throws(RecordRefusal) -> UInt64 {
    guard skipped < limit, place + skipped < limit else { throw .badBuckets }
    return place + skipped + 1
  }

  private func weight(_ number: Double) throws(RecordRefusal) -> Double {
    guard number.isFinite, number >= 0 else { throw .badNumber }
    return number
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
    case .gauge, .gaugeAdd, .members, .sketch: false
    }
  }
}

extension PushFormat.RecordType {
  /// - Precondition: neither `meta` nor `clock`, which are of no series.
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
    case .meta, .clock: preconditionFailure("it is of no series")
    }
  }
}

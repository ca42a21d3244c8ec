import WeirBytes
import WeirMetrics

extension PushDecoder {
  /// Reads one record, which can take neither more nor less of the frame than its length, and appends
  /// it to the frame or refuses it there.
  @inline(__always)
  func readRecord(
    _ bytes: Span<UInt8>, _ cursor: inout ByteCursor, into frame: inout PushFrame
  ) {
    let type = cursor.varint(bytes)
    let length = cursor.count(bytes)
    let start = cursor.skip(length)
    // Where the next record begins is then not known; `fail` has gone to the end.
    if cursor.hasFailed { return frame.refuse(.malformed) }
    var fields = ByteCursor(from: start, to: start &+ length)
    guard type <= 0xFF, let type = PushFormat.RecordType(rawValue: UInt8(type)) else {
      return frame.refuse(RecordRefusal.unknownType)
    }
    do throws(RecordRefusal) {
      if type == .meta {
        try readMeta(bytes, &fields, into: &frame)
      } else {
        let record = try readRecord(type, bytes, &fields, into: &frame)
        frame.records.append(record)
      }
    } catch {
      frame.refuse(error)
    }
  }

  @inline(__always)
  private func readRecord(
    _ type: PushFormat.RecordType, _ bytes: Span<UInt8>, _ fields: inout ByteCursor,
    into frame: inout PushFrame
  ) throws(RecordRefusal) -> PushRecord {
    let name = fields.varint(bytes)
    let labels = readLabels(
      bytes, &fields, into: &frame.labels, strings: frame.strings.count)
    if fields.hasFailed { throw .malformed }
    guard name < UInt64(frame.strings.count), let labels else { throw .badString }
    var record = PushRecord(
      content: type.content, name: UInt32(truncatingIfNeeded: name), labels: labels)
    var mayBeNegative = false
    switch record.content {
    case .counter, .increment:
      record.value = fields.number(bytes)
    case .gauge, .gaugeAdd:
      guard let merge = GaugeMerge(rawValue: fields.byte(bytes)) else { throw .malformed }
      record.merge = merge
      record.value = fields.number(bytes)
      mayBeNegative = true
      if record.content == .gauge && record.value.isNaN && !fields.hasFailed { return record }
    case .observations: try readObservations(bytes, &fields, into: &record, &frame)
    case .histogram:
      try readHistogram(bytes, &fields, into: &record, &frame)
      mayBeNegative = true
    case .exponential:
      try readExponential(bytes, &fields, into: &record, &frame)
      mayBeNegative = true
    case .members: readMembers(bytes, &fields, into: &record, &frame)
    case .sketch: try readSketch(bytes, &fields, into: &record, &frame)
    }
    if fields.hasFailed { throw .malformed }
    guard record.value.isFinite, mayBeNegative || record.value >= 0 else { throw .badNumber }
    if fields.remaining > 0, record.content.hasExemplars {
      try readExemplars(bytes, &fields, into: &record, &frame)
    }
    return record
  }

  private func readObservations(
    _ bytes: Span<UInt8>, _ fields: inout ByteCursor, into record: inout PushRecord,
    _ frame: inout PushFrame
  ) throws(RecordRefusal) {
    record.value = fields.number(bytes)
    guard record.value > 0 || fields.hasFailed else { throw .badNumber }
    let count = fields.count(bytes)
    record.numbers = PushRange(first: frame.numbers.count, count: count)
    var areFinite = true
    for _ in 0..<count {
      let value = fields.number(bytes)
      areFinite = areFinite && value.isFinite
      frame.numbers.append(value)
    }
    guard areFinite else { throw .badNumber }
  }

  private func readMembers(
    _ bytes: Span<UInt8>, _ fields: inout ByteCursor, into record: inout PushRecord,
    _ frame: inout PushFrame
  ) {
    let count = fields.count(bytes, bytesEach: 8)
    record.numbers = PushRange(first: frame.numbers.count, count: count)
    for _ in 0..<count { frame.numbers.append(Double(bitPattern: fields.word(bytes))) }
  }

  private func readSketch(
    _ bytes: Span<UInt8>, _ fields: inout ByteCursor, into record: inout PushRecord,
    _ frame: inout PushFrame
  ) throws(RecordRefusal) {
    let precision = fields.byte(bytes)
    if fields.hasFailed { return }
    guard precision == PushFormat.sketchPrecision else { throw .badBuckets }
    let count = fields.count(bytes, bytesEach: 2)
    beginCells(count, of: &record, frame)
    var register: UInt64 = 0
    for _ in 0..<count {
      register = try next(register, fields.varint(bytes), upTo: 1 << UInt64(precision))
      let rank = fields.byte(bytes)
      guard rank <= 64 - precision + 1 else { throw .badBuckets }
      frame.indices.append(Int32(truncatingIfNeeded: register - 1))
      frame.numbers.append(Double(rank))
    }
  }

  private func readHistogram(
    _ bytes: Span<UInt8>, _ fields: inout ByteCursor, into record: inout PushRecord,
    _ frame: inout PushFrame
  ) throws(RecordRefusal) {
    let bounds = fields.varint(bytes)
    guard bounds <= UInt64(frame.boundsLists.count) else { throw .badBuckets }
    record.bounds = UInt32(truncatingIfNeeded: bounds)
    record.value = fields.number(bytes)
    let upper =
      bounds == 0
      ? HistogramBounds.standard.upper.count : Int(frame.boundsLists[Int(bounds) - 1].count)
    let count = fields.count(bytes, bytesEach: 2)
    beginCells(count, of: &record, frame)
    var bucket: UInt64 = 0
    for _ in 0..<count {
      bucket = try next(bucket, fields.varint(bytes), upTo: UInt64(upper) + 1)
      frame.indices.append(Int32(truncatingIfNeeded: bucket - 1))
      frame.numbers.append(try weight(fields.number(bytes)))
    }
  }

  private func readExponential(
    _ bytes: Span<UInt8>, _ fields: inout ByteCursor, into record: inout PushRecord,
    _ frame: inout PushFrame
  ) throws(RecordRefusal) {
    let schema = fields.zigzag(bytes)
    guard (-4...8).contains(schema) else { throw .badBuckets }
    record.schema = Int8(schema)
    record.value = fields.number(bytes)
    record.zeroCount = try weight(fields.number(bytes))
    beginCells(0, of: &record, frame)
    try readRun(bytes, &fields, into: &record, &frame)
    record.positives = record.numbers.count
    try readRun(bytes, &fields, into: &record, &frame)
  }

  /// Exponential buckets of one sign.
  private func readRun(
    _ bytes: Span<UInt8>, _ fields: inout ByteCursor, into record: inout PushRecord,
    _ frame: inout PushFrame
  ) throws(RecordRefusal) {
    let count = fields.count(bytes, bytesEach: 2)
    let indices = ExponentialSchema(Int(record.schema)).indices
    var index: Int64 = 0
    for place in 0..<count {
      if place == 0 {
        index = fields.zigzag(bytes)
      } else {
        let skipped = fields.varint(bytes)
        guard skipped < 1 << 32 else { throw .badBuckets }
        index += 1 + Int64(skipped)
      }
      guard indices.contains(index) else { throw .badBuckets }
      frame.indices.append(Int32(index))
      frame.numbers.append(try weight(fields.number(bytes)))
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
    _ bytes: Span<UInt8>, _ fields: inout ByteCursor, into record: inout PushRecord,
    _ frame: inout PushFrame
  ) throws(RecordRefusal) {
    let count = fields.count(bytes, bytesEach: 3)
    let first = frame.examples.count
    for _ in 0..<count {
      let labels = readLabels(
        bytes, &fields, into: &frame.labels, strings: frame.strings.count)
      let value = fields.number(bytes)
      let age = fields.varint(bytes)
      if fields.hasFailed { throw .malformed }
      guard let labels else { throw .badString }
      guard value.isFinite else { throw .badNumber }
      frame.examples.append(PushFrame.Example(labels: labels, value: value, ageMilliseconds: age))
    }
    if fields.hasFailed { throw .malformed }
    record.exemplars = PushRange(first: first, count: count)
  }

  private func readMeta(
    _ bytes: Span<UInt8>, _ fields: inout ByteCursor, into frame: inout PushFrame
  ) throws(RecordRefusal) {
    let name = fields.varint(bytes)
    let unit = fields.varint(bytes)
    let help = fields.varint(bytes)
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
  /// - Precondition: not `meta`, which is of no series.
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
    case .meta: preconditionFailure("it is of no series")
    }
  }
}

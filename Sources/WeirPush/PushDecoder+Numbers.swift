import WeirBytes
import WeirMetrics

// What a record has of numbers, beside its one value.
extension PushDecoder {
  func readObservations(
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

  /// Reads the settings of a gauge by text, and the changes since the last one.
  func readTextGauge(
    _ fields: inout ByteCursor, into record: inout PushRecord,
    _ frame: inout PushFrame
  ) throws(RecordRefusal) {
    let settings = fields.varint()
    record.value = fields.number()
    let changes = fields.number()
    if fields.hasFailed { return }
    guard settings <= PushFormat.settingsMax, changes.isFinite else { throw .badNumber }
    record.numbers = PushRange(first: frame.numbers.count, count: 2)
    frame.numbers.append(Double(settings))
    frame.numbers.append(changes)
  }

  func readMembers(
    _ fields: inout ByteCursor, into record: inout PushRecord,
    _ frame: inout PushFrame
  ) {
    let count = fields.count(bytesEach: 8)
    record.numbers = PushRange(first: frame.numbers.count, count: count)
    for _ in 0..<count { frame.numbers.append(Double(bitPattern: fields.word())) }
  }

  func readSketch(
    _ fields: inout ByteCursor, into record: inout PushRecord,
    _ frame: inout PushFrame
  ) throws(RecordRefusal) {
    let precision = fields.byte()
    if fields.hasFailed { return }
    guard precision == PushFormat.sketchPrecision else { throw .badBuckets }
    let count = fields.count(bytesEach: 2)
    beginCells(of: &record, count: count, frame)
    var register: UInt64 = 0
    for _ in 0..<count {
      register = try next(after: register, skipping: fields.varint(), below: 1 << UInt64(precision))
      let rank = fields.byte()
      guard rank <= 64 - precision + 1 else { throw .badBuckets }
      frame.indices.append(Int32(truncatingIfNeeded: register - 1))
      frame.numbers.append(Double(rank))
    }
  }

  func readHistogram(
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
    beginCells(of: &record, count: count, frame)
    var bucket: UInt64 = 0
    for _ in 0..<count {
      bucket = try next(after: bucket, skipping: fields.varint(), below: UInt64(upper) + 1)
      frame.indices.append(Int32(truncatingIfNeeded: bucket - 1))
      frame.numbers.append(try weight(fields.number()))
    }
  }

  func readExponential(
    _ fields: inout ByteCursor, into record: inout PushRecord,
    _ frame: inout PushFrame
  ) throws(RecordRefusal) {
    let schema = fields.zigzag()
    guard (-4...8).contains(schema) else { throw .badBuckets }
    record.schema = Int8(schema)
    record.value = fields.number()
    let zeroCount = try weight(fields.number())
    beginCells(of: &record, count: 0, frame)
    try readRun(&fields, into: &record, &frame)
    record.positives = record.numbers.count
    try readRun(&fields, into: &record, &frame)
    frame.numbers.append(zeroCount)
    record.numbers.count += 1
  }

  /// Reads the exponential buckets of one sign.
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

  /// Buckets or registers: a number and an index each, in two lists of the frame.
  private func beginCells(
    of record: inout PushRecord, count: Int, _ frame: borrowing PushFrame
  ) {
    record.numbers = PushRange(first: frame.numbers.count, count: count)
    record.firstIndex = UInt32(truncatingIfNeeded: frame.indices.count)
  }

  /// Cells are sent as the number of empty ones before each.
  ///
  /// - Parameter end: One more than the index of the cell before; 0 at the first.
  /// - Returns: One more than the index of this one.
  private func next(
    after end: UInt64, skipping skipped: UInt64, below limit: UInt64
  ) throws(RecordRefusal) -> UInt64 {
    guard skipped < limit, end + skipped < limit else { throw .badBuckets }
    return end + skipped + 1
  }

  /// A count, which may be a fraction.
  private func weight(_ number: Double) throws(RecordRefusal) -> Double {
    guard number.isFinite, number >= 0 else { throw .badNumber }
    return number
  }
}

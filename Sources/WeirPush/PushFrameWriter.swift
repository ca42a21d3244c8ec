import WeirBytes
import WeirMetrics

/// Packs records into what follows a frame's head.
///
///     head | count, strings | common labels | count, bounds | record record ... | [tag]
///             `strings`        `common`         `bounds`      `records`
///
/// A record adds strings and bounds to the tables before it, so each part has a buffer of its own,
/// and `write(to:)` joins them. The same records in the same order always make the same bytes. The
/// buffers are kept from frame to frame.
package struct PushFrameWriter: Sendable {
  /// The bytes that may follow the head.
  private var room = 0
  private var indices: [Text: Int] = [:]
  /// The table's strings in order, so that the last of them can be removed.
  private var texts: [Text] = []
  private var strings = ByteWriter()
  private var common = ByteWriter()
  private var boundLists: [[Double]] = []
  private var bounds = ByteWriter()
  private var records = ByteWriter()
  private var body = ByteWriter()

  package init() {}

  /// Begins a frame that has `room` bytes after its head, and `labels` for all of its series.
  package mutating func begin(room: Int, common labels: [Label] = []) {
    precondition(room <= PushFormat.frameBytesMax)
    self.room = room
    indices.removeAll(keepingCapacity: true)
    texts.removeAll(keepingCapacity: true)
    boundLists.removeAll(keepingCapacity: true)
    strings.removeAll()
    common.removeAll()
    bounds.removeAll()
    records.removeAll()
    body.removeAll()
    append(labels)
    swap(&common, &body)
  }

  /// Whether the frame has no record yet.
  package var isEmpty: Bool { records.bytes.isEmpty }

  /// The bytes so far.
  package var count: Int {
    Varint.length(of: UInt64(texts.count)) + strings.bytes.count + common.bytes.count
      + Varint.length(of: UInt64(boundLists.count)) + bounds.bytes.count + records.bytes.count
  }

  /// Appends a record. Returns false, and changes nothing, where there is no room for it.
  ///
  /// - Complexity: O(bytes of the record).
  package mutating func append(_ record: Record) -> Bool {
    let before = (
      texts: texts.count, strings: strings.bytes.count, lists: boundLists.count,
      bounds: bounds.bytes.count, records: records.bytes.count
    )
    body.removeAll()
    write(record)
    records.append(varint: UInt64(record.type.rawValue))
    records.append(varint: body.bytes.count)
    records.append(body.bytes)
    if count <= room { return true }
    for text in texts[before.texts...] { indices[text] = nil }
    texts.removeSubrange(before.texts...)
    strings.truncate(to: before.strings)
    boundLists.removeSubrange(before.lists...)
    bounds.truncate(to: before.bounds)
    records.truncate(to: before.records)
    return false
  }

  /// Appends all parts to the head in `frame`.
  package func write(to frame: inout ByteWriter) {
    frame.append(varint: texts.count)
    frame.append(strings.bytes)
    frame.append(common.bytes)
    frame.append(varint: boundLists.count)
    frame.append(bounds.bytes)
    frame.append(records.bytes)
  }
}

// The fields of a record, in `body`.
extension PushFrameWriter {
  private mutating func write(_ record: Record) {
    switch record {
    case .counter(let series, let value, let exemplars, let began):
      append(series)
      body.append(number: value)
      append(exemplars, began: began)
    case .increment(let series, let value, let exemplars):
      append(series)
      body.append(number: value)
      append(exemplars)
    case .gauge(let series, let merge, let value, let held):
      append(series)
      body.append(merge.rawValue)
      body.append(number: value)
      if let held { body.append(varint: held) }
    case .gaugeAdd(let series, let merge, let value):
      append(series)
      body.append(merge.rawValue)
      body.append(number: value)
    case .observations(let series, let weight, let values, let exemplars):
      append(series)
      body.append(number: weight)
      body.append(varint: values.count)
      for value in values { body.append(number: value) }
      append(exemplars)
    case .histogram(let series, let bounds, let sum, let buckets, let exemplars, let began):
      append(series)
      body.append(varint: place(of: bounds))
      body.append(number: sum)
      append(buckets: buckets)
      append(exemplars, began: began)
    case .exponential(
      let series, let schema, let sum, let zero, let positive, let negative, let exemplars,
      let began):
      append(series)
      body.append(varint: Varint.zigzag(schema))
      body.append(number: sum)
      body.append(number: zero)
      append(runs: positive)
      append(runs: negative)
      append(exemplars, began: began)
    case .members(let series, let hashes, let ends):
      append(series)
      body.append(varint: hashes.count)
      for hash in hashes { body.append(littleEndian: hash) }
      if let ends { body.append(varint: Varint.zigzag(ends)) }
    case .sketch(let series, let registers, let ends):
      append(series)
      append(registers: registers)
      if let ends { body.append(varint: Varint.zigzag(ends)) }
    case .meta(let name, let unit, let help):
      append(name)
      body.append(varint: unit.map { index(of: $0) + 1 } ?? 0)
      body.append(varint: help.map { index(of: $0) + 1 } ?? 0)
    case .clock(let sent):
      body.append(varint: sent)
    case .textGauge(let series, let settings, let value, let changes, let began):
      append(series)
      body.append(varint: settings)
      body.append(number: value)
      body.append(number: changes)
      if let began { body.append(varint: began) }
    case .forwarder:
      body.append(varint: 0)
    }
  }

  private mutating func append(_ series: Series) {
    append(series.name)
    append(series.labels)
  }

  private mutating func append(_ labels: [Label]) {
    body.append(varint: labels.count)
    for label in labels {
      append(label.name)
      append(label.value)
    }
  }

  private mutating func append(_ text: Text) {
    body.append(varint: index(of: text))
  }

  /// The index of a text in the table. A new one is added to it.
  private mutating func index(of text: Text) -> Int {
    if let index = indices[text] { return index }
    let index = texts.count
    indices[text] = index
    texts.append(text)
    strings.append(varint: text.bytes.count)
    strings.append(text.bytes)
    return index
  }

  /// How a histogram refers to its bounds: 0 for Weir's own, else one more than the list's index. A
  /// frame has few lists, so this compares with each.
  private mutating func place(of list: [Double]?) -> Int {
    guard let list else { return 0 }
    if let index = boundLists.firstIndex(of: list) { return index + 1 }
    boundLists.append(list)
    bounds.append(varint: list.count)
    for bound in list { bounds.append(number: bound) }
    return boundLists.count
  }

  private mutating func append(buckets: [Double]) {
    body.append(varint: buckets.count { $0 != 0 })
    var skipped = 0
    for observations in buckets {
      if observations == 0 {
        skipped += 1
      } else {
        body.append(varint: skipped)
        body.append(number: observations)
        skipped = 0
      }
    }
  }

  private mutating func append(runs buckets: [ExponentialBucket]) {
    body.append(varint: buckets.count)
    var last: Int64?
    for bucket in buckets {
      body.append(
        varint: last.map { UInt64(bucket.index - $0 - 1) } ?? Varint.zigzag(bucket.index))
      body.append(number: bucket.observations)
      last = bucket.index
    }
  }

  private mutating func append(registers: [Register]) {
    body.append(PushFormat.sketchPrecision)
    body.append(varint: registers.count)
    var next = 0
    for register in registers {
      body.append(varint: register.index - next)
      body.append(register.rank)
      next = register.index + 1
    }
  }

  /// Appends exemplars and the time after them. Where there is neither, the record ends before the
  /// number of exemplars.
  private mutating func append(_ exemplars: [Exemplar], began: UInt64? = nil) {
    guard !exemplars.isEmpty || began != nil else { return }
    body.append(varint: exemplars.count)
    for exemplar in exemplars {
      append(exemplar.labels)
      body.append(number: exemplar.value)
      body.append(varint: exemplar.ageMilliseconds)
    }
    if let began { body.append(varint: began) }
  }
}

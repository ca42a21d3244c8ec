import WeirBytes
import WeirMetrics

// The payload of a block of the state file:
//
//     u8        1 if it replaces all blocks before it, else 0
//     varint    count of patterns, then their texts
//     varint    count of entries, then these:
//       u8 0    a series: text of the spelling, varint start, varint count of cells (0: it is gone), f64 cells
//       u8 1    a metric: text of the name, varint count of dimensions, for each two texts, then what is pending
//     pending   u8 0 nothing; u8 1 a counter: f64; u8 2 a histogram: varint count of layouts, for each
//               varint count of bounds, f64 bounds, f64 cells, which are two more than bounds
//
// A text is a varint length and bytes.
extension LedgerContents {
  /// A block is ended after this many bytes.
  private static let bytesAim = 256 << 10
  /// More than a series and its buckets take.
  private static let cellsMax = 1 << 16

  /// Everything.
  var payloads: [[UInt8]] {
    payloads(of: totals.keys, pending.keys, isWhole: true)
  }

  /// - Parameter isWhole: Whether it replaces what was there; then there is at least one payload.
  func payloads(
    of series: some Collection<[UInt8]>, _ metrics: some Collection<CloudWatchMetric>,
    isWhole: Bool = false
  ) -> [[UInt8]] {
    var payloads: [[UInt8]] = []
    var entries = ByteWriter(capacity: 4_096)
    var count = 0
    func end() {
      var writer = ByteWriter(capacity: entries.bytes.count + 256)
      writer.append(isWhole && payloads.isEmpty ? UInt8(1) : UInt8(0))
      writer.append(varint: UInt64(included.count))
      for glob in included { writer.append(text: Array(glob.utf8)) }
      writer.append(varint: UInt64(count))
      writer.append(entries.bytes)
      payloads.append(writer.bytes)
      entries.removeAll()
      count = 0
    }
    func add(_ entry: (inout ByteWriter) -> Void) {
      entry(&entries)
      count += 1
      if entries.bytes.count >= LedgerContents.bytesAim { end() }
    }
    for spelling in series { add { $0.append(spelling, totals[spelling]) } }
    for metric in metrics { add { $0.append(metric, pending[metric]) } }
    if count > 0 || isWhole && payloads.isEmpty { end() }
    return payloads
  }

  /// - Returns: False if the payload is wrong.
  mutating func apply(_ payload: [UInt8]) -> Bool {
    var cursor = ByteCursor(payload.span, from: 0, to: payload.count)
    if cursor.byte() == 1 { self = LedgerContents() }
    included = []
    for _ in 0..<cursor.count() {
      included.append(String(decoding: cursor.text(payload), as: UTF8.self))
    }
    for _ in 0..<cursor.count() {
      switch cursor.byte() {
      case 0: guard applySeries(&cursor, payload) else { return false }
      case 1: guard applyMetric(&cursor, payload) else { return false }
      default: return false
      }
    }
    return !cursor.hasFailed && cursor.remaining == 0
  }

  private mutating func applySeries(_ cursor: inout ByteCursor, _ payload: [UInt8]) -> Bool {
    let spelling = cursor.text(payload)
    let start = UInt32(exactly: cursor.varint())
    let cells = cursor.numbers(cursor.count(bytesEach: 8))
    guard let start, let cells, !spelling.isEmpty, cells.count < LedgerContents.cellsMax else {
      return false
    }
    totals[spelling] = cells.isEmpty ? nil : PushedTotal(start, cells)
    return true
  }

  private mutating func applyMetric(_ cursor: inout ByteCursor, _ payload: [UInt8]) -> Bool {
    let name = String(decoding: cursor.text(payload), as: UTF8.self)
    var dimensions: [CloudWatchMetric.Dimension] = []
    for _ in 0..<cursor.count(bytesEach: 2) {
      let key = String(decoding: cursor.text(payload), as: UTF8.self)
      dimensions.append(.init(key, String(decoding: cursor.text(payload), as: UTF8.self)))
    }
    let metric = CloudWatchMetric(name, dimensions)
    switch cursor.byte() {
    case 0: pending[metric] = nil
    case 1:
      guard let cells = cursor.numbers(1) else { return false }
      pending[metric] = .counter(cells[0])
    case 2:
      var layouts: [HistogramBounds: [Double]] = [:]
      for _ in 0..<cursor.count(bytesEach: 17) {
        let count = cursor.count(bytesEach: 8)
        guard count <= HistogramBounds.countMax, let upper = cursor.numbers(count),
          zip(upper, upper.dropFirst()).allSatisfy(<), let cells = cursor.numbers(count + 2)
        else { return false }
        layouts[HistogramBounds(upper: upper)] = cells
      }
      pending[metric] = .histogram(layouts)
    default: return false
    }
    return !cursor.hasFailed && !name.isEmpty
  }
}

extension ByteWriter {
  fileprivate mutating func append(text: [UInt8]) {
    append(varint: UInt64(text.count))
    append(text)
  }

  fileprivate mutating func append(_ numbers: [Double]) {
    for number in numbers { append(littleEndian: number.bitPattern) }
  }

  fileprivate mutating func append(_ spelling: [UInt8], _ total: PushedTotal?) {
    append(UInt8(0))
    append(text: spelling)
    append(varint: UInt64(total?.startUnixSeconds ?? 0))
    append(varint: UInt64(total?.cells.count ?? 0))
    append(total?.cells ?? [])
  }

  fileprivate mutating func append(_ metric: CloudWatchMetric, _ pending: MetricSum?) {
    append(UInt8(1))
    append(text: Array(metric.name.utf8))
    append(varint: UInt64(metric.dimensions.count))
    for dimension in metric.dimensions {
      append(text: Array(dimension.name.utf8))
      append(text: Array(dimension.value.utf8))
    }
    switch pending {
    // The value of a gauge is read anew each time.
    case nil, .gauge: append(UInt8(0))
    case .counter(let sum):
      append(UInt8(1))
      append([sum])
    case .histogram(let layouts):
      append(UInt8(2))
      append(varint: UInt64(layouts.count))
      for (bounds, cells) in layouts {
        append(varint: UInt64(bounds.upper.count))
        append(bounds.upper)
        append(cells)
      }
    }
  }
}

extension ByteCursor {
  fileprivate mutating func text(_ payload: [UInt8]) -> [UInt8] {
    let length = count()
    let start = skip(length)
    return hasFailed ? [] : Array(payload[start..<start + length])
  }

  /// Nil if one is not finite, or missing.
  fileprivate mutating func numbers(_ count: Int) -> [Double]? {
    var numbers: [Double] = []
    for _ in 0..<count {
      let number = Double(bitPattern: word())
      guard !hasFailed, number.isFinite else { return nil }
      numbers.append(number)
    }
    return numbers
  }
}

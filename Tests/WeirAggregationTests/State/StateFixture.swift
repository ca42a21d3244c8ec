import WeirBytes
import WeirMetrics
import WeirPush

@testable import WeirAggregation
@testable import WeirState

/// A state file written by hand, block by block, as docs/state.md has it.
struct StateFixture {
  private(set) var blocks: [StateScan.Block] = []
  private(set) var bytes: [UInt8] = []
  private var group: UInt32 = 1

  static let key = KeyStream(state: 1, salt: 2)
  static let second: UInt32 = 1_000

  /// - Parameter second: The clock in `times`; nil for a group without.
  init(second: UInt32? = StateFixture.second, withKey: Bool = true) {
    bytes = [UInt8](repeating: 0, count: StateFormat.headerBytes)
    if let second { times(second) }
    if withKey { key() }
  }

  var image: StateImage { StateImage(blocks: blocks, bytes) }

  mutating func nextGroup(second: UInt32? = StateFixture.second) {
    group += 1
    if let second { times(second) }
  }

  mutating func block(_ type: StateBlockType, _ body: (inout ByteWriter) -> Void) {
    var writer = ByteWriter()
    body(&writer)
    raw(type.rawValue, writer.bytes)
  }

  mutating func raw(_ type: UInt32, _ payload: [UInt8]) {
    bytes += [UInt8](repeating: 0, count: StateFormat.blockHeadBytes)
    let start = bytes.count
    bytes += payload
    blocks.append(StateScan.Block(type: type, group: group, payload: start..<bytes.count))
  }

  mutating func times(
    _ second: UInt32, wall: UInt64 = 1_795_675_273_250, boot: UInt64 = 77, memory: UInt64 = 5,
    forgotten: UInt64 = 6
  ) {
    block(.times) { writer in
      writer.append(varint: UInt64(second))
      writer.append(varint: wall)
      writer.append(varint: boot)
      writer.append([UInt8](repeating: 9, count: 16))
      writer.append(varint: memory)
      writer.append(varint: forgotten)
    }
  }

  mutating func forwarder(next: UInt64, age: UInt64 = 1) {
    block(.forwarder) { writer in
      writer.append(littleEndian: 1)
      writer.append(varint: 1_000 as UInt64)
      writer.append(varint: next)
      writer.append(text: Array("here".utf8))
      writer.append(varint: age)
    }
  }

  mutating func key(scheme: UInt64 = 1) {
    block(.key) { writer in
      writer.append(varint: scheme)
      writer.append(littleEndian: 1)
      writer.append(littleEndian: 2)
    }
  }

  /// - Parameters:
  ///   - isPushed: Nil for a file without this field and those after it.
  ///   - window: Of sets.
  mutating func seriesClass(
    _ number: Int, _ seriesClass: SeriesClass, isPushed: Bool? = nil, window: Int? = nil
  ) {
    block(.seriesClass) { writer in
      writer.append(varint: number)
      writer.append(UInt8(seriesClass.kind.index))
      writer.append(list: seriesClass.layout.upper)
      writer.append(seriesClass.observer)
      writer.append(varint: seriesClass.lifetimeSeconds.map { UInt64($0) + 1 } ?? 0)
      if let isPushed { writer.append(isPushed ? 1 as UInt8 : 0) }
      if let window { writer.append(varint: window) }
    }
  }

  /// A row of a block `series` or `values`.
  struct Row {
    var row: Int
    var spelling: String
    var values: [Double]
    var ago: UInt64 = 3
    var generation: UInt64 = 1
    var born: UInt64 = 500
    var error = 0.0
    var isNegative = false
  }

  mutating func series(
    _ number: Int, shard: Int = 0, _ kind: MetricKind, _ rows: [Row], areNew: Bool = true
  ) {
    block(areNew ? .series : .values) { writer in
      writer.append(varint: number)
      writer.append(varint: shard)
      writer.append(varint: rows.count)
      var last = 0
      for row in rows {
        let place = (row.row - last) * 4 + (row.error != 0 ? 1 : 0) + (row.isNegative ? 2 : 0)
        last = row.row
        writer.append(varint: place)
        writer.append(varint: row.ago)
        if areNew {
          writer.append(varint: row.generation)
          writer.append(varint: row.born)
          writer.append(text: Array(row.spelling.utf8))
        }
        for (index, value) in row.values.enumerated() {
          writer.append(number: value)
          if index == 0 && row.error != 0 { writer.append(littleEndian: row.error.bitPattern) }
        }
      }
    }
  }

  /// A block of rows, each with a part that `body` writes.
  mutating func rows(
    _ type: StateBlockType, _ number: Int, shard: Int = 0, _ rows: [Int],
    _ body: (inout ByteWriter, _ row: Int) -> Void = { _, _ in }
  ) {
    block(type) { writer in
      writer.append(varint: number)
      writer.append(varint: shard)
      writer.append(varint: rows.count)
      var last = 0
      for row in rows {
        writer.append(varint: row - last)
        last = row
        body(&writer, row)
      }
    }
  }

  mutating func meta(_ name: String, unit: String, help: String) {
    block(.meta) { writer in
      for text in [name, unit, help] { writer.append(text: Array(text.utf8)) }
    }
  }

  mutating func owner(_ owner: OwnerFixture) {
    block(.owner) { owner.write(to: &$0) }
  }
}

/// An instance written by hand.
struct OwnerFixture {
  struct Entry {
    var fingerprint: UInt64 = 7
    /// The same as `fingerprint` if nil.
    var high: UInt64?
    var about: UInt64
    var classNumber = 0
    var shard = 0
    var row = 0
    var generation: UInt32 = 1
    var first: UInt64 = 0
    var detail: UInt64 = 0
    var isHeld = true
    var hasTotal = true
    var hasBaseline = false

    var second: UInt64 {
      about << 61 | (isHeld ? 1 << 60 : 0) | (hasTotal ? 1 << 59 : 0) | (hasBaseline ? 1 << 58 : 0)
        | UInt64(classNumber) << 48 | detail
    }
  }

  struct Exponential {
    var keys: [(Int32, Double)] = []
    var cumulative: [Double] = []
  }

  var number: UInt64 = 1
  var start: UInt64 = 1_000
  var flags: UInt8 = 0
  var firstAgo: UInt64 = 60
  var lastAgo: UInt64 = 3
  var newest: UInt64 = 4
  var base: UInt64 = 0
  var received: UInt64 = 4
  var late: UInt64 = 0
  var words: [UInt64] = [0b11110] + [UInt64](repeating: 0, count: 15)
  var entries: [Entry] = []
  var cells: [Double] = []
  var exponentials: [Exponential] = []
  var baselines: [Double] = []
  var gauges: [Int] = []
  var changes: [(entry: Int, base: Double, folded: UInt64, kept: [(UInt64, Double)])] = []

  func write(to writer: inout ByteWriter) {
    writer.append(littleEndian: number)
    writer.append(varint: start)
    writer.append(flags)
    for value in [0, firstAgo, lastAgo, 0, newest, base, received, late, 0, 0] {
      writer.append(varint: value)
    }
    for word in words { writer.append(littleEndian: word) }
    writer.append(varint: entries.count)
    for entry in entries {
      writer.append(littleEndian: entry.fingerprint)
      writer.append(littleEndian: entry.high ?? entry.fingerprint)
      writer.append(
        littleEndian: UInt64(entry.shard) << 58 | UInt64(entry.row) << 32 | UInt64(entry.generation)
      )
      writer.append(littleEndian: entry.first)
      writer.append(littleEndian: entry.second)
    }
    writer.append(list: cells)
    writer.append(varint: exponentials.count)
    for total in exponentials {
      writer.append(histogram: 3, total.keys)
      writer.append(list: total.cumulative)
      writer.append(littleEndian: (1.5).bitPattern)
      writer.append(littleEndian: (2.0).bitPattern)
    }
    writer.append(list: baselines)
    writer.append(varint: gauges.count)
    for gauge in gauges { writer.append(varint: gauge) }
    writer.append(varint: changes.count)
    for change in changes {
      writer.append(varint: change.entry)
      writer.append(littleEndian: change.base.bitPattern)
      writer.append(varint: change.folded)
      writer.append(varint: change.kept.count)
      for (sequence, amount) in change.kept {
        writer.append(varint: sequence)
        writer.append(littleEndian: amount.bitPattern)
      }
    }
  }
}

extension ByteWriter {
  mutating func append(text: [UInt8]) {
    append(varint: text.count)
    append(text)
  }

  mutating func append(list: [Double]) {
    append(varint: list.count)
    for value in list { append(littleEndian: value.bitPattern) }
  }

  mutating func append(zigzag value: Int64) { append(varint: Varint.zigzag(value)) }

  mutating func append(histogram schema: Int64, _ buckets: [(Int32, Double)]) {
    append(zigzag: schema)
    append(varint: buckets.count)
    var last: Int32 = 0
    for (key, count) in buckets {
      append(zigzag: Int64(key) - Int64(last))
      append(number: count)
      last = key
    }
  }

  mutating func append(_ observer: Observer) {
    switch observer {
    case .buckets: append(0 as UInt8)
    case .native(let options, let keepsBuckets):
      append(keepsBuckets ? 1 as UInt8 : 2)
      append(zigzag: Int64(options.schema.number))
      append(varint: options.bucketsMax)
    case .summary(let options):
      append(3 as UInt8)
      append(list: options.quantiles)
      append(varint: options.maxAgeSeconds)
      append(varint: options.ageBuckets)
    }
  }
}

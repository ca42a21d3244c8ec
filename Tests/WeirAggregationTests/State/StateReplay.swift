import TestSupport
import WeirBytes
import WeirState

/// A plain reader of the state file's blocks, written from docs/state.md: what a file says after
/// some groups. It traps at anything that the page does not allow.
struct StateReplay: Equatable {
  struct Table: Hashable {
    var classID: UInt64
    var shard: UInt64
  }

  struct Row: Equatable {
    var series: String
    var generation: UInt64
    var born: UInt64
    var tick: UInt64
    var isNegative: Bool
    var error: UInt64
    /// As bits, so that NaN is equal to itself.
    var values: [UInt64]
    var native: [UInt8] = []
    /// Of summaries and sets, by number.
    var steps: [UInt64: [UInt8]] = [:]
    var isBegun = false
    var gauges: Gauges?
    var settings: Settings?
  }

  /// Numbers as bits.
  struct Settings: Equatable {
    var count: UInt64
    var value: UInt64
    var changes: UInt64
    var error: UInt64
  }

  struct Gauges: Equatable {
    var group: UInt64
    var merge: UInt8
    var second: UInt64
    /// Instance, milliseconds, value as bits.
    var members: [[UInt64]]
  }

  struct Class: Equatable {
    var kind: UInt8
    var bounds: [Double]
    var rest: [UInt8]
  }

  struct Owner: Equatable {
    var flags: UInt8
    var memoryAge: UInt64
    var first: UInt64
    var last: UInt64
    var goneUpTo: UInt64
    /// Newest, base, received, late, duplicates, lost.
    var window: [UInt64]
    /// Five words each, after the window's own 16.
    var entries: [[UInt64]]
    var rest: [UInt8]
  }

  var second: UInt64 = 0
  var key: [UInt8] = []
  var classes: [UInt64: Class] = [:]
  var tables: [Table: [UInt64: Row]] = [:]
  var owners: [[UInt64]: Owner] = [:]
  var metas: [String: [String]] = [:]
  /// How many blocks of each type were read.
  var blocks: [StateBlockType: Int] = [:]
  var removedOwners = 0
  /// Steps of summaries and sets that blocks had.
  var stepsRead = 0

  static func == (left: StateReplay, right: StateReplay) -> Bool {
    left.liveClasses == right.liveClasses && left.live == right.live
      && left.owners == right.owners && left.metas == right.metas && left.key == right.key
  }

  /// Tables that have rows.
  var live: [Table: [UInt64: Row]] { tables.filter { !$0.value.isEmpty } }

  private var liveClasses: [UInt64: Class] {
    classes.filter { id, _ in live.keys.contains { $0.classID == id } }
  }

  /// By spelling.
  var rows: [String: Row] {
    var rows: [String: Row] = [:]
    for row in tables.values.flatMap(\.values) {
      precondition(rows[row.series] == nil, "\(row.series) has two rows")
      rows[row.series] = row
    }
    return rows
  }

  func value(_ series: String) -> Double? { rows[series].map { Double(bitPattern: $0.values[0]) } }

  /// Drops the steps of windows before one, which a reader's window no longer covers.
  mutating func dropSteps(before first: UInt64) {
    for table in tables.keys {
      tables[table] = tables[table]?.mapValues { row in
        var row = row
        row.steps = row.steps.filter { $0.key >= first }
        return row
      }
    }
  }

  mutating func read(_ blocks: StateBlocks) {
    var reader = StateBytes(bytes: blocks.bytes)
    while !reader.isAtEnd {
      let head = Array(reader.bytes[reader.place..<reader.place + 8])
      let (type, length) = (reader.u32(), reader.u32())
      let expected = reader.u32()
      let payload = Array(reader.bytes[reader.place..<reader.place + Int(length)])
      reader.place += Int(length)
      var sum = CRC32C()
      sum.add(head.span)
      sum.add(payload.span)
      precondition(sum.value == expected, "a check sum is wrong")
      guard let type = StateBlockType(rawValue: type) else { preconditionFailure("no such block") }
      self.blocks[type, default: 0] += 1
      var body = StateBytes(bytes: payload)
      read(type, &body)
      precondition(body.isAtEnd, "\(type) has more than it should")
    }
  }

  private mutating func read(_ type: StateBlockType, _ body: inout StateBytes) {
    switch type {
    case .times:
      second = body.varint()
      body.place = body.bytes.count
    case .key: key = body.rest()
    case .seriesClass:
      let id = body.varint()
      let told = Class(kind: body.u8(), bounds: body.doubles(), rest: body.rest())
      if classes[id] != told {
        for table in tables.keys where table.classID == id { tables[table] = [:] }
      }
      classes[id] = told
    case .meta: metas[body.text()] = [body.text(), body.text()]
    case .owner: readOwner(&body)
    case .ownersRemoved:
      for _ in 0..<body.varint() {
        removedOwners += 1
        owners[[body.u64(), body.varint()]] = nil
      }
    case .series, .values, .removed, .natives, .summaries, .sets, .gauges, .settings:
      let table = Table(classID: body.varint(), shard: body.varint())
      var row: UInt64 = 0
      for _ in 0..<body.varint() { readRow(type, table, &row, &body) }
    case .commit, .forwarder, .group, .cloudWatch, .cluster:
      preconditionFailure("the writer makes no \(type)")
    }
  }

  private mutating func readRow(
    _ type: StateBlockType, _ table: Table, _ row: inout UInt64, _ body: inout StateBytes
  ) {
    switch type {
    case .removed:
      row += body.varint()
      tables[table]?[row] = nil
    case .series, .values:
      let place = body.varint()
      row += place / 4
      readValues(type, table, row, flags: place % 4, &body)
    case .natives:
      row += body.varint()
      let native = body.native()
      tables[table]?[row]?.native = native
    case .summaries:
      row += body.varint()
      _ = body.varint()
      for _ in 0..<body.varint() {
        let (step, native) = (body.varint(), body.native())
        stepsRead += 1
        tables[table]?[row]?.steps[step] = native
      }
    case .sets:
      row += body.varint()
      let isBegun = body.u8() == 1
      tables[table]?[row]?.isBegun = isBegun
      _ = body.varint()
      for _ in 0..<body.varint() {
        let (step, members) = (body.varint(), body.sketch())
        stepsRead += 1
        tables[table]?[row]?.steps[step] = members
      }
    case .settings:
      row += body.varint()
      let settings = Settings(
        count: body.varint(), value: body.number(), changes: body.number(), error: body.u64())
      tables[table]?[row]?.settings = settings
    default:
      row += body.varint()
      let gauges = Gauges(
        group: body.varint(), merge: body.u8(), second: body.varint(),
        members: (0..<body.varint()).map { _ in [body.u64(), body.varint(), body.u64()] })
      tables[table]?[row]?.gauges = gauges.members.isEmpty ? nil : gauges
    }
  }

  private mutating func readValues(
    _ type: StateBlockType, _ table: Table, _ place: UInt64, flags: UInt64,
    _ body: inout StateBytes
  ) {
    guard let seriesClass = classes[table.classID] else { preconditionFailure("no such class") }
    let tick = second - body.varint()
    let known = tables[table]?[place]
    var row =
      known
      ?? Row(
        series: "", generation: 0, born: 0, tick: 0, isNegative: false, error: 0, values: [])
    if type == .series {
      row = Row(
        series: "", generation: body.varint(), born: body.varint(), tick: 0, isNegative: false,
        error: 0, values: [])
      row.series = body.text()
    }
    row.tick = tick
    row.isNegative = flags & 2 != 0
    row.values = []
    row.error = 0
    if seriesClass.kind != 3 { row.values.append(body.number()) }
    if flags & 1 != 0 { row.error = body.u64() }
    if seriesClass.kind == 2 {
      for _ in 0...seriesClass.bounds.count { row.values.append(body.number()) }
    }
    // A later slice brings a row that is not known yet.
    if type == .series || known != nil { tables[table, default: [:]][place] = row }
  }

  private mutating func readOwner(_ body: inout StateBytes) {
    let id = [body.u64(), body.varint()]
    let flags = body.u8()
    let memoryAge = body.varint()
    let (first, last) = (second - body.varint(), second - body.varint())
    let goneUpTo = body.varint()
    let window = (0..<6).map { _ in body.varint() } + (0..<16).map { _ in body.u64() }
    let entries = (0..<body.varint()).map { _ in (0..<5).map { _ in body.u64() } }
    owners[id] = Owner(
      flags: flags, memoryAge: memoryAge, first: first, last: last, goneUpTo: goneUpTo,
      window: window, entries: entries, rest: body.rest())
  }
}

import WeirBytes
import WeirMetrics
import WeirPush

/// One instance as the state file has it: an owner without its entries, and the words of those.
struct StateOwner: Sendable {
  struct Entry: Sendable, BitwiseCopyable {
    let fingerprint: Fingerprint
    /// The address of the series in the file: shard and row, then its generation.
    let lease: UInt64
    /// Those of `OwnerEntry`.
    let first: UInt64
    let second: UInt64

    var about: UInt64 { second >> 61 }
    var detail: UInt64 { second & (1 << UInt64(OwnerEntry.detailBits) - 1) }
    var hasTotal: Bool { second & 1 << 59 != 0 }
    var hasBaseline: Bool { second & 1 << 58 != 0 }
    var classNumber: Int { OwnerEntry.classNumber(ofSecond: second) }
    var shard: Int { Int(lease >> 32) >> Int(SeriesHandle.rowBits) }
    var row: Int { Int(lease >> 32) & (1 << Int(SeriesHandle.rowBits) - 1) }
    var generation: UInt32 { UInt32(truncatingIfNeeded: lease) }

    /// The kind of the series that it can be about.
    var kind: MetricKind? {
      switch about {
      case 1: .counter
      case 2, 6: .gauge
      case 3, 4: .histogram
      case 5: .set
      default: nil
      }
    }
  }

  private struct Flags: OptionSet {
    let rawValue: UInt8
    static let retired = Flags(rawValue: 1)
    static let finished = Flags(rawValue: 2)
    static let empty = Flags(rawValue: 4)
    static let gauges = Flags(rawValue: 8)
    static let forwarder = Flags(rawValue: 16)
  }

  var owner: Owner
  private(set) var entries: [Entry] = []

  /// Reads an `owner` block.
  init(_ bytes: Span<UInt8>, _ block: StateImage.OwnerBlock) throws(StateDamage) {
    var cursor = ByteCursor(bytes, block.payload)
    owner = try StateOwner.head(&cursor, second: block.second)
    let count = cursor.count(bytesEach: 40)
    entries.reserveCapacity(count)
    for _ in 0..<count {
      let fingerprint = Fingerprint(low: cursor.word(), high: cursor.word())
      entries.append(
        Entry(
          fingerprint: fingerprint, lease: cursor.word(), first: cursor.word(),
          second: cursor.word()))
    }
    owner.cells = try cursor.finites()
    for _ in 0..<cursor.count(bytesEach: 19) {
      _ = owner.addExponential(try ExponentialTotal(&cursor))
    }
    owner.baselines = try cursor.finites()
    try readGauges(&cursor)
    if cursor.hasFailed { throw StateDamage.short }
    try check()
  }

  private static func head(
    _ cursor: inout ByteCursor, second: UInt32
  ) throws(StateDamage) -> Owner {
    let id = try InstanceID(&cursor)
    let flags = Flags(rawValue: cursor.byte())
    let memoryAge = cursor.varint()
    let (first, last) = (cursor.varint(), cursor.varint())
    let gone = cursor.varint()
    guard last <= first, first <= UInt64(second) else {
      throw StateDamage("its frames came before Weir's first second")
    }
    var owner = Owner(
      id: id, base: 0, memoryAge: memoryAge, second: second - UInt32(first))
    owner.lastSecond = second - UInt32(last)
    owner.gaugesGoneUpTo = gone
    owner.isRetired = flags.contains(.retired)
    owner.isFinished = flags.contains(.finished)
    owner.isEmpty = flags.contains(.empty)
    owner.hasGauges = flags.contains(.gauges)
    owner.isForwarder = flags.contains(.forwarder)
    let (newest, base) = (cursor.varint(), cursor.varint())
    let (received, late) = (cursor.varint(), cursor.varint())
    let (duplicates, lost) = (cursor.varint(), cursor.varint())
    let words = (0..<SequenceWindow.wordCount).map { _ in cursor.word() }
    if cursor.hasFailed { throw StateDamage.short }
    guard
      let window = SequenceWindow(
        newest: newest, base: base, received: received, late: late, duplicates: duplicates,
        lost: lost, seen: words)
    else { throw StateDamage("its window of frames is impossible") }
    owner.window = window
    return owner
  }

  private mutating func readGauges(_ cursor: inout ByteCursor) throws(StateDamage) {
    let count = cursor.count()
    owner.gauges.reserveCapacity(count)
    for _ in 0..<count { owner.gauges.append(try gauge(&cursor)) }
    for _ in 0..<cursor.count(bytesEach: 11) {
      let entry = try gauge(&cursor)
      let base = try cursor.finite()
      let folded = cursor.varint()
      let count = cursor.count(bytesEach: 9)
      var kept: [(sequence: UInt64, amount: Double)] = []
      kept.reserveCapacity(count)
      for _ in 0..<count { kept.append((cursor.varint(), try cursor.finite())) }
      if cursor.hasFailed { throw StateDamage.short }
      guard let changes = GaugeChanges(base: base, foldedUpTo: folded, kept: kept) else {
        throw StateDamage("the changes of a gauge are impossible")
      }
      owner.gaugeChanges[entry] = changes
    }
  }

  /// The index of an entry of a gauge.
  private func gauge(_ cursor: inout ByteCursor) throws(StateDamage) -> Int {
    let index = try cursor.varint(below: entries.count)
    guard entries[index].about == PushRecord.about(.gauge) else {
      throw StateDamage("an entry is not of a gauge")
    }
    return index
  }

  /// Whether all entries name what is there. Two never share a total.
  private func check() throws(StateDamage) {
    if owner.isEmpty && !entries.isEmpty {
      throw StateDamage("an instance without records has some")
    }
    var used = [Bool](repeating: false, count: owner.exponentials.count)
    func use(_ index: UInt64) throws(StateDamage) {
      guard index < UInt64(used.count), !used[Int(index)] else {
        throw StateDamage("an entry has no exponential total")
      }
      used[Int(index)] = true
    }
    for entry in entries {
      switch entry.about {
      case 1:
        let total = Double(bitPattern: entry.first)
        guard total.isFinite, total >= 0 else { throw StateDamage("a counter's total is wrong") }
        if entry.hasBaseline, entry.detail >= UInt64(owner.baselines.count) {
          throw StateDamage("an entry has no baseline")
        }
      case 2, 5: break
      case 3: try checkCells(entry)
      case 4:
        try use(entry.first)
        if entry.hasBaseline { try use(entry.detail) }
      case 6:
        guard entry.detail == 0 || owner.cells.count >= TextGauge.cells,
          entry.detail <= UInt64(max(0, owner.cells.count - TextGauge.cells + 1))
        else { throw StateDamage("an entry has no cells") }
      default: throw StateDamage("an entry is about nothing known")
      }
    }
  }

  private func checkCells(_ entry: Entry) throws(StateDamage) {
    guard entry.detail > 0 else {
      if entry.hasTotal { throw StateDamage("an entry has no bounds") }
      return
    }
    let buckets = PushedBounds.count(ofID: entry.detail)
    let cells = (HistogramTotal.firstBucket + buckets) * (entry.hasBaseline ? 2 : 1)
    guard (1...HistogramBounds.countMax + 1).contains(buckets), cells <= owner.cells.count,
      entry.first <= UInt64(owner.cells.count - cells)
    else { throw StateDamage("an entry has no cells") }
  }
}

extension ExponentialTotal {
  init(_ cursor: inout ByteCursor) throws(StateDamage) {
    let buckets = try NativeHistogram(
      &cursor, finest: .finest, bucketsMax: NativeHistogram.totalBucketsMax)
    self.init(buckets.schema)
    self.buckets = buckets
    cumulative = try cursor.finites()
    guard cumulative.count <= HistogramBounds.countMax + 1 else {
      throw StateDamage("an exponential total has too many bounds")
    }
    sum = try cursor.finite()
    count = try cursor.finite()
  }
}

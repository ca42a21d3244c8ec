import WeirBytes
import WeirMetrics

/// What was pushed of each series: the totals of the last push that was answered.
package struct LedgerContents: Sendable {
  /// The patterns of the names that may be pushed. A series of another name was never looked at.
  package fileprivate(set) var included: [String]
  fileprivate var totals: [[UInt8]: PushedTotal] = [:]

  package init(included: [String] = []) { self.included = included }

  package func total(of spelling: [UInt8]) -> PushedTotal? { totals[spelling] }

  package var count: Int { totals.count }
}

/// The ledger of all pushes, which is a part of the state on disk.
package final class CloudWatchLedger: Sendable {
  private struct State: Sendable {
    var contents: LedgerContents
    /// Series that have changed since the last commit.
    var changed: Set<[UInt8]> = []
    /// Whether the next commit writes everything.
    var isAllChanged = true
  }

  private let state: Locked<State>
  /// What was saved, until the first reading has made use of it; nil if nothing was.
  private let saved: Locked<LedgerContents?>

  /// - Parameters:
  ///   - included: The patterns of `--cloudwatch.include`.
  ///   - payloads: Of the blocks of a state file, in order.
  package init(included: [String], payloads: [[UInt8]] = []) {
    var contents = LedgerContents()
    let isWhole = !payloads.isEmpty && payloads.allSatisfy { contents.apply($0) }
    saved = Locked(isWhole ? contents : nil)
    contents.included = included
    state = Locked(
      State(contents: isWhole ? contents : LedgerContents(included: included)))
  }

  /// What is known now. Copies share it until one changes.
  package var contents: LedgerContents { state.withLock { $0.contents } }

  /// Takes the series that are there before anything is received. One that was pushed before goes on from there. One
  /// that begins after the last push, with a name that was pushed, counts from its beginning. All others are a baseline:
  /// what they have counts as pushed.
  ///
  /// - Returns: How many series are a baseline that is not 0.
  package func begin(_ series: [ReadSeries]) -> Int {
    let saved = saved.withLock { saved in
      defer { saved = nil }
      return saved
    }
    let globs = saved?.included.map { NameGlob($0) } ?? []
    var baseline: [ReadSeries] = []
    for one in series {
      guard one.total != nil, saved?.total(of: one.spelling) == nil else { continue }
      let name = SpelledName.raw(one.spelling[..<SpelledName.length(in: one.spelling.span)])
      if !globs.contains(where: { $0.matches(name) }) { baseline.append(one) }
    }
    note(baseline)
    return baseline.count { $0.total?.cells.contains { $0 != 0 } ?? false }
  }

  /// Notes what was pushed and answered.
  package func note(_ series: [ReadSeries]) {
    state.withLock { state in
      for one in series {
        guard let total = one.total else { continue }
        state.contents.totals[one.spelling] = total
        if !state.isAllChanged { state.changed.insert(one.spelling) }
      }
    }
  }

  /// Forgets series that are gone.
  package func keep(_ series: Set<[UInt8]>) {
    state.withLock { state in
      for spelling in state.contents.totals.keys where !series.contains(spelling) {
        state.contents.totals[spelling] = nil
        if !state.isAllChanged { state.changed.insert(spelling) }
      }
    }
  }

  // The state file.

  /// Payloads of blocks, each of which changes what those before it say.
  package func takeChanged() -> [[UInt8]] {
    state.withLock { state in
      defer {
        state.isAllChanged = false
        state.changed = []
      }
      if state.isAllChanged { return state.contents.payloads }
      return state.contents.payloads(of: state.changed.map { ($0, state.contents.totals[$0]) })
    }
  }

  /// Payloads of blocks that need none before them.
  package func all() -> [[UInt8]] { state.withLock { $0.contents.payloads } }

  /// Makes the next call of `takeChanged` return everything.
  package func markAll() { state.withLock { $0.isAllChanged = true } }
}

// The payload of a block: `u8` 1 if it replaces all blocks before it, else 0; `varint` count of patterns, the texts of
// these; `varint` count of series; for each: text of the spelling, `varint` start, `varint` count of values, or 0 for a
// series that is gone, `f64` values.
extension LedgerContents {
  /// A block is ended after this many bytes.
  private static let payloadBytesAim = 256 << 10
  /// More than a series and its buckets take.
  private static let cellsMax = 1 << 16

  fileprivate var payloads: [[UInt8]] {
    payloads(of: totals.map { ($0.key, $0.value) }, isWhole: true)
  }

  fileprivate func payloads(
    of series: [(spelling: [UInt8], total: PushedTotal?)], isWhole: Bool = false
  ) -> [[UInt8]] {
    var payloads: [[UInt8]] = []
    var rest = series[...]
    while !rest.isEmpty || payloads.isEmpty && isWhole {
      var entries = ByteWriter(capacity: LedgerContents.payloadBytesAim)
      var count = 0
      while entries.bytes.count < LedgerContents.payloadBytesAim, let one = rest.popFirst() {
        entries.append(varint: UInt64(one.spelling.count))
        entries.append(one.spelling)
        entries.append(varint: UInt64(one.total?.startUnixSeconds ?? 0))
        entries.append(varint: UInt64(one.total?.cells.count ?? 0))
        for cell in one.total?.cells ?? [] { entries.append(littleEndian: cell.bitPattern) }
        count += 1
      }
      var writer = ByteWriter(capacity: entries.bytes.count + 256)
      writer.append(isWhole && payloads.isEmpty ? UInt8(1) : UInt8(0))
      writer.append(varint: UInt64(included.count))
      for glob in included {
        writer.append(varint: UInt64(glob.utf8.count))
        writer.append(glob)
      }
      writer.append(varint: UInt64(count))
      writer.append(entries.bytes)
      payloads.append(writer.bytes)
    }
    return payloads
  }

  /// - Returns: False if the payload is wrong.
  fileprivate mutating func apply(_ payload: [UInt8]) -> Bool {
    var cursor = ByteCursor(payload.span, from: 0, to: payload.count)
    if cursor.byte() == 1 { totals = [:] }
    func text(_ cursor: inout ByteCursor) -> [UInt8] {
      let length = cursor.count()
      let start = cursor.skip(length)
      return cursor.hasFailed ? [] : Array(payload[start..<start + length])
    }
    included = []
    for _ in 0..<cursor.count(bytesEach: 1) {
      included.append(String(decoding: text(&cursor), as: UTF8.self))
    }
    for _ in 0..<cursor.count(bytesEach: 3) {
      let spelling = text(&cursor)
      let start = UInt32(exactly: cursor.varint())
      let count = cursor.count(bytesEach: 8)
      guard let start, !spelling.isEmpty, count < LedgerContents.cellsMax else { return false }
      var cells: [Double] = []
      for _ in 0..<count { cells.append(Double(bitPattern: cursor.word())) }
      guard !cursor.hasFailed, cells.allSatisfy(\.isFinite) else { return false }
      totals[spelling] = count == 0 ? nil : PushedTotal(start, cells)
    }
    return !cursor.hasFailed
  }
}

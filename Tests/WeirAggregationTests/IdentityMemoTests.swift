import TestSupport
import Testing
import WeirBytes
import WeirMetrics
import WeirWire

@testable import WeirAggregation

@Suite("The memo of identities")
struct IdentityMemoTests {
  /// A memo with lines for keys.
  private struct Memo: ~Copyable {
    var memo: IdentityMemo
    private let decoder = StatsDDecoder()
    private let key: FingerprintKey

    init(_ memo: consuming IdentityMemo) {
      self.memo = memo
      var generator = SeededGenerator(seed: 43)
      key = FingerprintKey(from: &generator)
    }

    /// Of the line's one sample.
    private func fingerprint(_ line: String) -> Fingerprint {
      let bytes = Array(line.utf8)
      var batch = SampleBatch()
      decoder.decode(bytes.span, from: 0, to: bytes.count, into: &batch)
      let sample = batch.samples[0]
      let (name, tags) = (Int(sample.nameStart), Int(sample.tagsStart))
      return key.fingerprint(
        number: sample.kind.index, first: name..<name + Int(sample.nameLength),
        second: tags..<tags + Int(sample.tagsLength), in: bytes.span)
    }

    mutating func find(_ line: String) -> Resolution? { memo.find(fingerprint(line)) }

    mutating func insert(_ line: String, row: Int, tagsDropped: Int = 0) {
      let lease = SeriesLease(
        shard: 3, ClassID(row % ClassID.countMax),
        RowLease(row: row, generation: UInt32(row) &* 7))
      insert(line, .series(lease, tagsDropped: tagsDropped))
    }

    mutating func insert(_ line: String, _ known: Resolution) {
      memo.insert(fingerprint(line), known)
    }
  }

  private func line(_ number: Int) -> String {
    let tags = number % 5 == 0 ? "" : "|#user:\(number),padding:\(number % 40)"
    return "name.\(number / 7 * 7)x\(number):1|\(["c", "g", "h", "s"][number % 4])\(tags)"
  }

  @Test(
    "returns only right results, and remembers what was used, whatever else comes",
    arguments: [1 << 20, 3_000, 100, 1], [1, 2] as [UInt64])
  func model(entriesMax: Int, seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var memo = Memo(IdentityMemo(entriesMax: entriesMax))
    var model: [Int: Int] = [:]
    for round in 0..<10_000 {
      let number = Int.random(in: 0..<4_000, using: &generator)
      if let known = memo.find(line(number)) {
        #expect(known.outcome == .series)
        #expect(known.lease.handle.row == model[number])
        #expect(known.lease.generation == UInt32(model[number] ?? 0) &* 7)
        #expect(known.tagsDropped == number % 3)
        if generator.oneIn(8) {
          model[number] = round
          memo.insert(line(number), row: round, tagsDropped: number % 3)
        }
      } else {
        if entriesMax > 4_000 { #expect(model[number] == nil) }
        model[number] = round
        memo.insert(line(number), row: round, tagsDropped: number % 3)
      }
      #expect(memo.memo.count <= entriesMax)
    }
  }

  @Test("keeps entries in use during a flood of entries that come once")
  func flood() {
    var memo = Memo(IdentityMemo(entriesMax: 64 * 1_024))
    let inUse = (0..<5_000).map(line)
    for (number, line) in inUse.enumerated() { memo.insert(line, row: number) }
    var missed = 0
    for number in 0..<200_000 {
      // Each comes about five times while the flood fills the memo.
      if memo.find(inUse[number % inUse.count]) == nil { missed += 1 }
      memo.insert("flood.\(number):1|c", row: number)
    }
    #expect(missed == 0)
    #expect(memo.memo.count <= 64 * 1_024)
  }

  @Test("forgets all of a segment that is full of entries in use, and then fills again")
  func fullHouse() {
    var memo = Memo(IdentityMemo(entriesMax: 1_000))
    for number in 0..<3_000 {
      memo.insert(line(number), row: number)
      for one in max(0, number - 999)...number where one % 10 == 0 { _ = memo.find(line(one)) }
    }
    #expect((1...1_000).contains(memo.memo.count))
    #expect(memo.find(line(2_999))?.lease.handle.row == 2_999)
  }

  @Test("gives memory back when it is swept, but keeps what was used since the last sweep")
  func sweep() {
    var memo = Memo(IdentityMemo())
    let empty = memo.memo.bytesHeld
    for number in 0..<20_000 { memo.insert(line(number), row: number) }
    #expect(memo.memo.bytesHeld > 20_000 * 30)
    for number in 0..<100 { _ = memo.find(line(number)) }
    while !memo.memo.sweepNext() {}
    #expect(memo.memo.count == 100)
    for number in 0..<100 { #expect(memo.find(line(number))?.lease.handle.row == number) }
    #expect(memo.find(line(100)) == nil)
    while !memo.memo.sweepNext() {}
    while !memo.memo.sweepNext() {}
    #expect(memo.memo.count == 0)
    #expect(memo.memo.bytesHeld == empty)
  }

  @Test("remembers a refusal with its epoch, and replaces it by a newer resolution")
  func refusal() {
    var memo = Memo(IdentityMemo())
    for reason in Refusal.allCases {
      memo.insert("a:1|c|#k:v", .refused(reason, epoch: 17, isMapped: false))
      let known = memo.find("a:1|c|#k:v")
      #expect(known?.outcome == .refused(reason))
      #expect(known?.lease.handle == SeriesHandle.none && known?.lease.generation == 17)
    }
    memo.insert("a:1|c|#k:v", .dropped)
    #expect(memo.find("a:1|c|#k:v")?.outcome == .dropped)
    memo.insert("a:1|c|#k:v", row: 5, tagsDropped: 65_535)
    #expect(memo.find("a:1|c|#k:v")?.outcome == .series)
    #expect(memo.find("a:1|c|#k:v")?.lease.classID == ClassID(5))
    #expect(memo.find("a:1|c|#k:v")?.tagsDropped == 65_535)
    #expect(memo.memo.count == 1)
    #expect(memo.find("a:1|g|#k:v") == nil && memo.find("a:1|c|#k:w") == nil)
    #expect(memo.find("a:1|c") == nil && memo.find("ak:1|c|#:v") == nil)
  }
}

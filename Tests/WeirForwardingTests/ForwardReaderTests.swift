import TestSupport
import Testing
import WeirAggregation
import WeirForwarding
import WeirMetrics
import WeirPush

@Suite("Which rows a round sends")
struct ForwardReaderTests {
  @Test("A row is sent until the last frame that carried it is confirmed")
  func untilConfirmed() {
    var weir = Counted(shards: 1)
    weir.text("a:1|c\nb:1|c")
    var rounds = Rounds(weir.aggregator)
    #expect(rounds.round(second: 5).count == 1)
    #expect(rounds.round(second: 6).count == 1, "frame 2: nothing was confirmed")
    rounds.confirm(1)
    #expect(
      rounds.round(second: 7).count == 1, "frame 3: an answer to an older frame is not enough")
    rounds.confirm(3)
    #expect(rounds.round(second: 8).isEmpty)
    #expect(rounds.reader.waiting == 0)
    weir.aggregator.expire(atSecond: 9)
    weir.text("b:1|c")
    #expect(rounds.round(second: 9).count == 1, "frame 4: it has changed")
    rounds.confirm(4)
    weir.text("b:1|c")
    #expect(rounds.round(second: 9).count == 1, "frame 5: it may have changed in the same second")
    rounds.confirm(5)
    weir.aggregator.expire(atSecond: 10)
    #expect(rounds.round(second: 10).count == 1, "frame 6: the second of the round before")
    rounds.confirm(6)
    #expect(rounds.round(second: 11).isEmpty)
  }

  @Test("While nothing answers, only what changes is sent, and each row once in 60 rounds")
  func silence() throws {
    var weir = Counted(shards: 1)
    for number in 0..<120 { weir.text("a\(number):1|c") }
    var rounds = Rounds(weir.aggregator)
    _ = rounds.round(second: 5)
    var received = Receiving()
    for share in 0..<60 {
      for frame in rounds.round(second: 6 + UInt32(share), repeats: false, share: share) {
        _ = try received.take(frame)
      }
      #expect(rounds.reader.waiting == 120)
    }
    #expect(shown(received.aggregator) == shown(weir.aggregator))
    #expect(received.owners.totals().records == 120, "each row once")
  }

  @Test("A round that is read in parts sends each row once")
  func inParts() throws {
    var weir = Counted(shards: 4)
    for number in 0..<9_000 { weir.text("a:1|c|#n:\(number)") }
    var rounds = Rounds(weir.aggregator)
    var received = Receiving()
    for frame in rounds.round(second: 5, upTo: 20_000) { _ = try received.take(frame) }
    #expect(shown(received.aggregator) == shown(weir.aggregator))
    #expect(received.owners.totals().records == 9_000)
    #expect(received.owners.totals().lost == 0)
  }

  @Test("No part is much longer than it should be", arguments: [1, 64])
  func parts(shards: Int) {
    var weir = Counted(shards: shards)
    for number in 0..<6_000 { weir.text("a:1|c|#n:\(number)") }
    var rounds = Rounds(weir.aggregator)
    let whole = rounds.round(second: 5).reduce(0) { $0 + $1.count }
    #expect(rounds.longestPart == whole)
    rounds = Rounds(weir.aggregator)
    _ = rounds.round(second: 5, upTo: 10_000)
    #expect(rounds.records == 6_000)
    // Rows are copied by the thousand, so that one table is cut into three parts.
    #expect(rounds.longestPart < (shards == 1 ? whole / 2 : 20_000))
  }

  @Test("Whatever is lost, all is there after a round without losses", arguments: 0..<6)
  func losses(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    var weir = Counted()
    var received = Receiving()
    var rounds = Rounds(weir.aggregator)
    for second in 1...60 as ClosedRange<UInt32> {
      for _ in 0..<20 {
        let number = Int.random(in: 0..<100, using: &random)
        weir.text(
          random.pick([
            "c:1|c|#n:\(number)", "g:+3|g|#n:\(number)", "g:\(number)|g|#n:\(number)",
            "h:\(number)|ms|#n:\(number % 9)", "s:\(number)|s",
          ]))
      }
      weir.aggregator.expire(atSecond: second)
      received.aggregator.expire(atSecond: second)
      for frame in rounds.round(second: second, repeats: true, share: Int(second) % 60)
      where second == 60 || !random.oneIn(3) {
        let header = try received.take(frame)
        if random.oneIn(5) { _ = try received.take(frame) }
        if !random.oneIn(3) { rounds.confirm(header.sequence) }
      }
    }
    #expect(received.refused.isEmpty)
    #expect(shown(received.aggregator) == shown(weir.aggregator))
  }
}

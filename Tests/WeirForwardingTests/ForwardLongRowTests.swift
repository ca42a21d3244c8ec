import Testing
import WeirAggregation
import WeirForwarding
import WeirMetrics
import WeirPush

/// Rows that a usual frame, or any frame, is too short for.
struct ForwardLongRowTests {
  private static var limits: SeriesLimits {
    var limits = SeriesLimits()
    limits.seriesBytesMax = 65_536
    limits.labelValueBytesMax = 65_536
    return limits
  }

  /// A counter for each number, with a label of that many bytes.
  private func weir(_ lengths: [Int]) -> Counted {
    var weir = Counted(limits: Self.limits, shards: 1)
    for (index, length) in lengths.enumerated() {
      weir.text("c\(index):\(index + 1)|c|#l:\(String(repeating: "x", count: length))")
    }
    return weir
  }

  static let long = 3_000
  static let tooLong = 65_480
  static let orders: [[Int]] = [
    [tooLong], [tooLong, 1, 1], [1, tooLong, 1], [1, 1, tooLong], [tooLong, tooLong, 1],
    [long, 1, 1], [1, long, 1], [1, 1, long], [long, tooLong, long, 1], [1, tooLong, long],
    [65_400, 1], [1, 65_400],
  ]

  @Test(arguments: orders) func `all others arrive, whatever their order`(_ lengths: [Int]) throws {
    let weir = weir(lengths)
    var rounds = Rounds(weir.aggregator)
    var received = Receiving(limits: Self.limits)
    let frames = rounds.round(second: 5)
    for (index, frame) in frames.enumerated() {
      let header = try received.take(frame)
      #expect(header.sequence == UInt64(index) + 1)
      #expect(frame.count <= PushFormat.frameBytesMax)
    }
    let fitting = lengths.filter { $0 < Self.tooLong }
    #expect(rounds.reader.tooLong == lengths.count - fitting.count)
    #expect(rounds.records == fitting.count)
    #expect(received.refused.isEmpty)
    let expected = shown(weir.aggregator).filter { $0.utf8.count < Self.tooLong }
    #expect(shown(received.aggregator) == expected)
    // Only what a usual frame is too short for is sent in a long one.
    #expect(frames.count { $0.count > PushFormat.frameBytesDefault } == fitting.count { $0 > 1 })
  }

  @Test func `each waits for its own frame`() {
    let weir = weir([Self.long, 1, Self.tooLong, 1])
    var rounds = Rounds(weir.aggregator)
    let count = rounds.round(second: 5).count
    #expect(count == 3)
    // What fits into no frame waits for none.
    for left in [3, 2, 1, 0] {
      rounds.since = 9
      _ = rounds.round(second: 9, repeats: false)
      #expect(rounds.records == 0)
      #expect(rounds.reader.waiting == left)
      rounds.confirm(4 - UInt64(left))
    }
  }
}

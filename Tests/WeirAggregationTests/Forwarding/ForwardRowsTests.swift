import Testing
import WeirBytes
import WeirMetrics

@testable import WeirAggregation

/// Which rows of a table are copied for a round of the forwarder.
struct ForwardRowsTests {
  /// What a round knows from before.
  private struct Reader: ~Copyable {
    let aggregator: Aggregator
    var sent: [SentRows] = []
    var confirmed = ConfirmedFrames()

    init(_ aggregator: Aggregator) { self.aggregator = aggregator }

    /// The spellings of all rows that a round copies.
    mutating func round(_ choice: ForwardChoice) -> [String] {
      var found: [String] = []
      for table in 0..<aggregator.tableCount(ofShard: 0) {
        if sent.count <= table { sent.append(SentRows()) }
        var rows = ForwardRows()
        var next: Int? = 0
        while let first = next {
          next = aggregator.copyForward(
            shard: 0, table: table, from: first, choice, confirmed, &sent[table], into: &rows)
          for index in rows.indices {
            found.append(String(decoding: rows.text[rows.spelling(index)], as: UTF8.self))
          }
        }
      }
      return found.sorted()
    }
  }

  private let aggregator = Aggregator(shards: 1)

  /// Rows of this second or later; no share.
  private func since(_ second: UInt32, share: Int = 59) -> ForwardChoice {
    ForwardChoice(since: second, repeatsUnconfirmed: false, share: share)
  }

  @Test func `series that are gone are not sent, and one in such a row is`() throws {
    var ingest = Ingest(aggregator)
    ingest.apply("a:1|c", "b:1|c")
    var reader = Reader(aggregator)
    #expect(reader.round(since(0)) == ["a", "b"])
    let owners = Owners(aggregator: aggregator)
    #expect(owners.forget([try SeriesSelector("a")]).count == 1)
    #expect(reader.round(since(0)) == ["b"])
    ingest.apply("c:1|c")
    // Not because it was updated.
    #expect(reader.round(since(5)) == ["c"])
    #expect(reader.round(since(5)) == [])
  }

  @Test func `rows of a class whose number another class has got are new`() throws {
    let owners = Owners(aggregator: aggregator)
    var frames = PushIngest(owners)
    func frame(_ instance: UInt64, _ bounds: [Double]) -> Pushed {
      Pushed(
        instance: instance, sequence: 1,
        records: [PushedRecord("h\(instance)", .histogram(bounds: bounds, sum: 3, buckets: [0: 2]))]
      )
    }
    try frames.apply(frame(1, [1, 2]))
    var reader = Reader(aggregator)
    #expect(reader.round(since(0)) == ["h1"])
    let tables = aggregator.tableCount(ofShard: 0)
    #expect(owners.forget([try SeriesSelector("h1")]).count == 1)
    try frames.apply(frame(2, [1, 2, 3]))
    #expect(aggregator.tableCount(ofShard: 0) == tables, "the number is used again")
    #expect(reader.round(since(5)) == ["h2"])
  }

  @Test func `a row is sent if it is new, changed, or of the share`() {
    var ingest = Ingest(aggregator)
    ingest.apply("a:1|c", "b:1|c")
    aggregator.expire(atSecond: 4)
    ingest.apply("b:1|c")
    var reader = Reader(aggregator)
    #expect(reader.round(since(9)) == ["a", "b"], "both are new")
    #expect(reader.round(since(9)) == [])
    #expect(reader.round(since(4)) == ["b"])
    #expect(reader.round(since(5)) == [])
    #expect(reader.round(since(9, share: 0)) == ["a"])
    #expect(reader.round(since(9, share: 1)) == ["b"])
  }

  @Test func `a gauge without text is nothing to send`() throws {
    let aggregator = Aggregator(countsGaugeSettings: true, shards: 1)
    var frames = PushIngest(Owners(aggregator: aggregator))
    try frames.apply(Pushed(sequence: 1, records: [PushedRecord("g", .gauge(7, .sum))]))
    var (rows, sent) = (ForwardRows(), SentRows())
    var found: [Bool] = []
    for table in 0..<aggregator.tableCount(ofShard: 0) {
      _ = aggregator.copyForward(
        shard: 0, table: table, from: 0, since(0), ConfirmedFrames(), &sent, into: &rows)
      found += rows.indices.map { rows.settings($0) != nil }
    }
    #expect(found == [false])
  }
}

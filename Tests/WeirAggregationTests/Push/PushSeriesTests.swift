import Testing
import WeirMetrics
import WeirPush

@testable import WeirAggregation

@Suite("Series of pushed records")
struct PushSeriesTests {
  private let server = PushServer()

  @Test("count observations and increments once, and members of sets however often")
  func changes() throws {
    var ingest = PushIngest(server.owners)
    let frame = Pushed(
      sequence: 1,
      records: [
        PushedRecord("o", .observations([0.02, 200], weight: 4)),
        PushedRecord("i_total", .increment(3)), PushedRecord("s", .members([1, 2, 3])),
      ])
    try ingest.apply(frame)
    try ingest.apply(frame)
    let contents = server.contents
    #expect(contents.values == [.counter: ["i_total": 3], .set: ["s": 3]])
    #expect(contents.histograms["o"]?.sum == 800.08)
    #expect(contents.histograms["o"]?.buckets[2] == 4)
    #expect(contents.histograms["o"]?.buckets[14] == 4)
    #expect(server.owners.totals().duplicates == 1)
  }

  @Test("fold buckets with other bounds into the first that holds them whole")
  func folded() throws {
    var ingest = PushIngest(server.owners)
    let bounds = [0.05, 0.3, 60]
    func frame(_ sequence: UInt64, _ buckets: [Int: Double]) -> Pushed {
      Pushed(
        sequence: sequence,
        records: [PushedRecord("h", .histogram(bounds: bounds, sum: 1, buckets: buckets))])
    }
    // Text that came first has given the name the default bounds.
    var text = Ingest(server.aggregator)
    text.apply("h:0.004|h")
    try ingest.apply(frame(1, [0: 1, 1: 2]))
    try ingest.apply(frame(2, [0: 1, 1: 3, 2: 4, 3: 5]))
    let buckets = try #require(server.contents.histograms["h"]?.buckets)
    // 0.05 and 60 are bounds of both, 0.3 goes to 0.5, and what is above goes to +Inf.
    #expect(buckets.enumerated().filter { $0.element > 0 }.map(\.offset) == [0, 3, 6, 12, 14])
    #expect([0, 3, 6, 12, 14].map { buckets[$0] } == [1, 1, 3, 4, 5])
  }

  @Test("refuse a histogram whose bounds are not what they were")
  func changedBounds() throws {
    var ingest = PushIngest(server.owners)
    for (sequence, bounds) in [(1, [1.0, 2]), (2, [1.0, 3]), (3, [1.0, 2])] {
      let record = PushedRecord("h", .histogram(bounds: bounds, sum: 1, buckets: [0: 1]))
      try ingest.apply(Pushed(sequence: UInt64(sequence), records: [record]))
    }
    #expect(ingest.refused == [.badBuckets: 1])
    #expect(server.contents.histograms["h"]?.buckets == [1, 0, 0])
  }

  @Test("refuse a record because of its series, and take the others of its frame")
  func refusedSeries() throws {
    var ingest = PushIngest(server.owners)
    let records = [
      PushedRecord("a", .counter(1)), PushedRecord("a", .gauge(1, .last)),
      PushedRecord("weir_x", .counter(1)), PushedRecord("b", [("l", "v")], .counter(2)),
    ]
    try ingest.apply(Pushed(sequence: 1, records: records))
    #expect(ingest.refusedSeries == [.typeClash: 1, .reservedName: 1])
    #expect(server.contents.values == [.counter: ["a": 1, "b{l=\"v\"}": 2]])
  }

  @Test("recognise a series in any order of its labels")
  func labelOrder() throws {
    var ingest = PushIngest(server.owners)
    let (a, b) = (("a", "1"), ("b", "2"))
    try ingest.apply(Pushed(sequence: 1, records: [PushedRecord("c", [a, b], .counter(5))]))
    try ingest.apply(Pushed(sequence: 2, records: [PushedRecord("c", [b, a], .counter(7))]))
    #expect(server.contents.values == [.counter: ["c{a=\"1\",b=\"2\"}": 7]])
  }

  @Test("prefer a series' own label to a common one, whatever that is from frame to frame")
  func commonLabels() throws {
    var ingest = PushIngest(server.owners)
    for (sequence, total) in [(1, 5.0), (2, 7), (3, 8), (4, 9)] {
      try ingest.apply(
        Pushed(
          sequence: UInt64(sequence), common: [("a", "\(sequence)"), ("x", "1")],
          records: [PushedRecord("c", [("a", "1")], .counter(total))]))
    }
    #expect(server.contents.values == [.counter: ["c{a=\"1\",x=\"1\"}": 9]])
  }

  @Test(
    "have the last label of each name, and none without a value",
    arguments: [
      ([("a", "x")], [("a", "")], "c"), ([("a", "")], [("a", "x")], "c{a=\"x\"}"),
      ([("a", ""), ("b", "1")], [], "c{b=\"1\"}"),
      ([("a", "x"), ("b", "1")], [("a", "")], "c{b=\"1\"}"),
      ([], [("a", "1"), ("a", "2")], "c{a=\"2\"}"), ([], [("a", "1"), ("a", "")], "c"),
      ([], [("a", ""), ("a", "1")], "c{a=\"1\"}"), ([("a", "1"), ("a", "2")], [], "c{a=\"2\"}"),
      ([("", "v")], [], "c"),
    ] as [([(String, String)], [(String, String)], String)])
  func effectiveLabels(
    common: [(String, String)], labels: [(String, String)], series: String
  ) throws {
    var ingest = PushIngest(server.owners)
    try ingest.apply(
      Pushed(sequence: 1, common: common, records: [PushedRecord("c", labels, .counter(5))]))
    #expect(server.contents.values == [.counter: [series: 5]])
    // The same identity, spelled differently.
    let pair = series == "c" ? [] : [String(series.dropFirst(2).prefix(1))]
    let values = series == "c" ? [] : [String(series.dropFirst(5).prefix(1))]
    let plain = Array(zip(pair, values))
    try ingest.apply(Pushed(sequence: 2, records: [PushedRecord("c", plain, .counter(7))]))
    #expect(server.contents.values == [.counter: [series: 7]])
  }
}

import Testing
import WeirMetrics

@testable import WeirAggregation

/// The marks of rows.
@Suite("A histogram that took a negative value")
struct NegativeMarkTests {
  private func negative(_ aggregator: Aggregator) -> [String: Bool] {
    var catalog = Catalog()
    catalog.update(from: aggregator)
    var marks: [String: Bool] = [:]
    for family in catalog.families {
      aggregator.forEachSeries(of: family) { piece, index in
        marks[piece.text(index)] = piece.tookNegative(index)
      }
    }
    return marks
  }

  private static let observers: [Observer] = [
    .buckets, .summary(SummaryOptions()), .native(NativeOptions(), keepsBuckets: false),
  ]

  @Test("stays marked, whatever its sample rate and whatever comes later")
  func text() {
    for observer in NegativeMarkTests.observers {
      let aggregator = Aggregator(rules: .all(observer: observer))
      var ingest = Ingest(aggregator)
      ingest.apply(
        "a:1:2:-3|h", "b:-0.25|ms|@0.5", "c:-0|h", "d:0:7|h", "e:3|h", "f:-1|g", "g:-1e-300|d")
      for _ in 0..<50 { ingest.apply("a:100|h", "b:9|h", "c:1|h", "e:1|h", "g:4|h") }
      let expected = [
        "a": true, "b": true, "c": false, "d": false, "e": false, "f": false, "g": true,
      ]
      #expect(negative(aggregator) == expected)
      ingest.apply("e:-1|h")
      #expect(negative(aggregator)["e"] == true)
    }
  }

  @Test("is detected by its buckets or its sum if it was pushed")
  func pushed() throws {
    let aggregator = Aggregator()
    var ingest = PushIngest(Owners(aggregator: aggregator))
    func histogram(_ sum: Double, bounds: [Double]?, _ buckets: [Int: Double])
      -> PushedRecord.Value
    { .histogram(bounds: bounds, sum: sum, buckets: buckets) }
    try ingest.apply(
      Pushed(
        sequence: 1,
        records: [
          PushedRecord("sum", histogram(-1, bounds: nil, [0: 2])),
          PushedRecord("falls", histogram(5, bounds: nil, [9: 1])),
          PushedRecord("bucket", histogram(5, bounds: [-1, 1], [0: 1, 2: 1])),
          // Nothing was counted in the bucket of negative values, and what is above the last bound
          // may be positive.
          PushedRecord("none", histogram(5, bounds: [-2, -1], [2: 1])),
          PushedRecord("few", .observations([3, -2], weight: 2.5)),
          PushedRecord("plain", .observations([3, 2], weight: 2.5)),
          PushedRecord(
            "exponential", .exponential(schema: 0, sum: -2, zero: 0, positive: [1: 1])),
          PushedRecord("grows", .exponential(schema: 0, sum: 2, zero: 0, positive: [1: 1])),
        ]))
    let expected = [
      "sum": true, "falls": false, "bucket": true, "none": false, "few": true, "plain": false,
      "exponential": true, "grows": false,
    ]
    #expect(negative(aggregator) == expected)
    try ingest.apply(
      Pushed(
        sequence: 2, records: [PushedRecord("falls", histogram(4, bounds: nil, [0: 1, 9: 1]))]))
    #expect(negative(aggregator)["falls"] == true)
  }

  @Test("keeps the mark when its name moves, and does not pass it on to a later series in its row")
  func rows() {
    var table = SeriesTable(values: 2)
    let place = table.insert(Array("old".utf8), hash: 1, tick: 0, born: 7)
    table.mark(.negative, place.row)
    let before = table.place(of: place.row)
    table.setPlace(
      SpellingPlace(block: 0xFF_FFFF, offset: 65_540, length: 65_536), of: place.row)
    #expect(table.marks(of: place.row) == .negative)
    let moved = table.place(of: place.row)
    #expect(moved.block == 0xFF_FFFF && moved.offset == 65_540 && moved.length == 65_536)
    table.setPlace(before, of: place.row)
    #expect(table.spelling(of: place.row).bytes.count == 3)
    table.remove(row: place.row, hash: 1)
    let next = table.insert(Array("new".utf8), hash: 2, tick: 0, born: 7)
    #expect(next.row == place.row && table.marks(of: next.row) == [])
    // A lease of the previous series changes nothing.
    table.mark(.young, next.row)
    table.removeMark(.young, of: place)
    #expect(table.marks(of: next.row) == .young)
    table.removeMark(.young, of: next)
    #expect(table.marks(of: next.row) == [])
  }
}

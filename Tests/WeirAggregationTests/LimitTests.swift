import Testing
import WeirMetrics

@testable import WeirAggregation

/// A limit as tests use it: lines that fill it, and lines of each kind that exceed it by one.
struct FullHouse: CustomTestStringConvertible {
  let limit: LimitName
  /// Accepted; the last of them takes the last place.
  let before: [String]
  /// Of names that `before` has made.
  var ofKnownNames: [String] = []
  /// Of names that do not exist.
  var ofNewNames: [String] = []

  var testDescription: String { "\(limit.label)" }
  var beyond: [String] { ofKnownNames + ofNewNames }

  /// The limits that `before` fills exactly, with the places that each name reserves for overflow.
  func limits(_ overflow: SeriesLimits.Overflow) -> SeriesLimits {
    var limits = SeriesLimits()
    limits.overflow = overflow
    let kept = overflow == .series
    switch limit {
    // A counter, a histogram and a set reserve one place each.
    case .series: limits.seriesMax = kept ? 7 : 4
    case .seriesPerName: limits.seriesPerNameMax = kept ? 2 : 1
    case .names: limits.namesMax = 4
    case .sets: limits.setsMax = kept ? 2 : 1
    // One byte per line, of which a histogram has 17; 23 each are reserved.
    case .exposedBytes: limits.exposedBytesMax = (1 + 17 + 1 + 1) + (kept ? (1 + 17 + 1) * 23 : 0)
    default: break
    }
    return limits
  }

  private static let one = ["c:1|c", "h:1|h", "s:m|s", "g:1|g"]
  private static let more = ["c:2|c|#k:v", "h:2|h|#k:v", "s:n|s|#k:v", "g:2|g|#k:v"]
  private static let others = ["d:1|c", "i:1|ms", "t:m|s", "j:+1|g"]

  static let all = [
    FullHouse(limit: .series, before: one, ofKnownNames: more, ofNewNames: others),
    FullHouse(limit: .seriesPerName, before: one, ofKnownNames: more),
    FullHouse(limit: .names, before: one, ofNewNames: others),
    FullHouse(
      limit: .sets, before: ["s:m|s"], ofKnownNames: ["s:n|s|#k:v"], ofNewNames: ["t:m|s"]),
    FullHouse(limit: .exposedBytes, before: one, ofKnownNames: more, ofNewNames: others),
  ]
}

@Suite("A limit on number")
struct LimitTests {
  @Test(
    "accepts the last that fits, refuses the next, and does not change existing series",
    arguments: FullHouse.all, [1, 8])
  func refuses(house: FullHouse, shards: Int) {
    let aggregator = Aggregator(limits: house.limits(.refuse), shards: shards)
    var ingest = Ingest(aggregator)
    ingest.apply(house.before)
    #expect(ingest.totals.refused == [:])
    let before = Contents(aggregator)
    for line in house.beyond {
      for _ in 0..<3 { ingest.apply(line) }
      var other = Ingest(aggregator)
      other.apply(line)
      #expect(other.totals.refused == [house.limit.refusal: 1], "\(line)")
    }
    #expect(ingest.totals.refused == [house.limit.refusal: 3 * house.beyond.count])
    #expect(Contents(aggregator) == before)
    ingest.apply(house.before)
    #expect(ingest.totals.refused == [house.limit.refusal: 3 * house.beyond.count])
    #expect(Contents(aggregator).values[.set] == before.values[.set])
    #expect(refusalCount(aggregator, house.limit) == 4 * house.beyond.count)
  }

  @Test(
    "sends what exceeds it to the name's overflow series, except gauges",
    arguments: FullHouse.all, [1, 8])
  func overflows(house: FullHouse, shards: Int) {
    let aggregator = Aggregator(limits: house.limits(.series), shards: shards)
    var ingest = Ingest(aggregator)
    ingest.apply(house.before)
    // Gauges reserve no place for overflow, so that one more of them fits.
    if house.limit == .seriesPerName { ingest.apply("g:3|g|#l:w") }
    #expect(ingest.totals.refused == [:])
    for _ in 0..<3 { ingest.apply(house.beyond) }
    let gauges = house.ofKnownNames.count { $0.hasSuffix("|g|#k:v") }
    let refused = 3 * (gauges + house.ofNewNames.count)
    #expect(ingest.totals.refused == (refused > 0 ? [house.limit.refusal: refused] : [:]))
    #expect(refusalCount(aggregator, house.limit) == refused)
    #expect(overflowCount(aggregator, house.limit) == 3 * (house.ofKnownNames.count - gauges))

    let contents = Contents(aggregator)
    if house.ofKnownNames.contains("c:2|c|#k:v") {
      #expect(contents.values[.counter] == ["c": 1, #"c{weir_overflow="true"}"#: 6])
      #expect(contents.values[.gauge]?["g"] == 1)
      #expect(contents.histograms["h"]?.sum == 1)
      let overflow = contents.histograms[#"h{weir_overflow="true"}"#]
      #expect(overflow?.sum == 6 && overflow?.buckets.reduce(0, +) == 3)
    }
    if house.ofKnownNames.contains("s:n|s|#k:v") {
      #expect(contents.values[.set] == ["s": 1, #"s{weir_overflow="true"}"#: 1])
    }
    for (limit, used) in aggregator.limitReading().used {
      #expect(used <= aggregator.limits[limit], "\(limit.label)")
    }
  }

  @Test("in bytes counts every line of a histogram, and is exact")
  func bytes() {
    // As many lines as a scrape of `h` has: 14 bounds and +Inf, sum and count.
    for (bytes, refused) in [(16, 1), (17, 0)] {
      var limits = SeriesLimits()
      limits.exposedBytesMax = bytes
      var ingest = Ingest(Aggregator(limits: limits))
      ingest.apply("h:1|h")
      #expect(ingest.totals.refused[.tooManySeries, default: 0] == refused)
    }
  }

  @Test("on sets applies to sets only, and the limit on one name to that name only")
  func others() {
    var limits = SeriesLimits()
    limits.setsMax = 1
    limits.seriesPerNameMax = 2
    let aggregator = Aggregator(limits: limits)
    var ingest = Ingest(aggregator)
    ingest.apply("s:m|s", "t:m|s", "c:1|c", "c:1|c|#k:v", "c:1|c|#k:w", "d:1|c|#k:w", "h:1|h")
    #expect(ingest.totals.refused == [.tooManySets: 1, .tooManySeriesOfName: 1])
    #expect(Contents(aggregator).values[.counter]?.count == 3)
  }

  @Test("is reported as the one nearest to the name if several are exceeded")
  func order() {
    var limits = SeriesLimits()
    limits.seriesMax = 1
    limits.seriesPerNameMax = 1
    limits.namesMax = 1
    var ingest = Ingest(Aggregator(limits: limits))
    ingest.apply("s:m|s", "s:m|s|#k:v", "t:m|s", "s:1|c")
    #expect(
      ingest.totals.refused == [.tooManySeriesOfName: 1, .tooManyNames: 1, .typeClash: 1])
  }

  @Test(
    "or on size is counted by name, and refuses with overflow on as well",
    arguments: [
      (.labelsPerSeries, "m:1|c|#k:v,l:v,m:v", "m"), (.nameBytes, "longer:1|c", "longe"),
      (.labelNameBytes, "m:1|c|#longer:v", "m"), (.labelValueBytes, "m:1|c|#k:longer", "m"),
      (.seriesBytes, "m:1|c|#kkkkk:vvvvv,lllll:vvvvv", "m"),
      (.seriesBytes, "m:1|c|#\(String(repeating: ",", count: 52))", ""),
    ] as [(LimitName, String, String)])
  func size(limit: LimitName, line: String, name: String) {
    var limits = SeriesLimits()
    limits.overflow = .series
    limits.labelsPerSeriesMax = 2
    limits.nameBytesMax = 5
    limits.labelNameBytesMax = 5
    limits.labelValueBytesMax = 5
    limits.seriesBytesMax = 26
    let aggregator = Aggregator(limits: limits)
    var ingest = Ingest(aggregator)
    ingest.apply("m:1|c", "m:1|c|#kkkkk:vvvvv,l:vv")
    #expect(ingest.totals.refused == [:])
    for _ in 0..<3 { ingest.apply(line) }
    #expect(ingest.totals.refused == [limit.refusal: 3])
    let rows = aggregator.limitReading().tally.rows(limit).filter { $0.count.refused > 0 }
    #expect(rows.map { String(decoding: $0.name, as: UTF8.self) } == [name])
    #expect(rows.map(\.count) == [.init(refused: 3)])
    #expect(Contents(aggregator).values[.counter]?.count == 2)
  }

  @Test("has a row for its first hundred names, and one for all others")
  func tally() {
    var limits = SeriesLimits()
    limits.namesMax = 1
    let aggregator = Aggregator(limits: limits)
    var ingest = Ingest(aggregator)
    ingest.apply("first:1|c")
    for _ in 0..<2 { for name in 0..<150 { ingest.apply("n\(name):1:2:3|c|#k:v") } }
    let rows = aggregator.limitReading().tally.rows(.names)
    #expect(rows.count == 1 + LimitTally.namesMax)
    #expect(rows[0].name == [] && rows[0].count == .init(refused: 2 * 50))
    #expect(rows[1...].allSatisfy { $0.count == .init(refused: 2) })
    #expect(rows[1].name == Array("n0".utf8) && rows[100].name == Array("n99".utf8))
    for limit in LimitName.allCases where limit != .names {
      let rows = aggregator.limitReading().tally.rows(limit)
      #expect(rows.count == 1 && rows[0].name == [] && rows[0].count == .init())
    }
  }
}

func refusalCount(_ aggregator: Aggregator, _ limit: LimitName) -> Int {
  aggregator.limitReading().tally.rows(limit).reduce(0) { $0 + $1.count.refused }
}

func overflowCount(_ aggregator: Aggregator, _ limit: LimitName) -> Int {
  aggregator.limitReading().tally.rows(limit).reduce(0) { $0 + $1.count.overflowed }
}

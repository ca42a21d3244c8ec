import Testing
import WeirAggregation
import WeirBytes
import WeirConfiguration
import WeirExposition
import WeirHTTP
import WeirMetrics
import WeirWire

@testable import WeirDaemon

@Suite("A scrape")
struct ScrapePageTests {
  private let aggregator: Aggregator
  private let scraper: Scraper

  init() {
    var lifetimes = SeriesLifetimes()
    lifetimes[.gauge] = 10
    aggregator = Aggregator(rules: .all(lifetimes: lifetimes), unixSeconds: { 1_767_323_045 })
    scraper = Scraper(
      status: StatusReader(
        aggregator: aggregator, pushed: Pushed(aggregator: aggregator, limits: OwnerLimits()),
        log: Log(level: .error, format: .logfmt)))
  }

  private func apply(_ lines: [String]) {
    var router = SampleRouter(aggregator: aggregator, reader: StatsDIdentityReader())
    var batch = SampleBatch()
    let bytes = Array(lines.joined(separator: "\n").utf8)
    StatsDDecoder().decode(bytes.span, from: 0, to: bytes.count, into: &batch)
    router.apply(&batch, bytes: bytes.span)
  }

  private func begin(
    filter: NameFilter? = nil, deadline: ContinuousClock.Instant? = nil
  ) async -> ScrapePage {
    await scraper.begin(.text, .underscores, filter, deadline: deadline)
  }

  /// The rest of a page, and its number of pieces.
  private func rest(of page: ScrapePage) async throws -> (text: String, pieces: Int) {
    var bytes: [UInt8] = []
    var pieces = 0
    while true {
      let piece = try await page.next()
      bytes += piece.bytes
      pieces += 1
      if piece.isLast { return (String(decoding: bytes, as: UTF8.self), pieces) }
      #expect(piece.bytes.count >= 64 << 10)
    }
  }

  private func lines(_ text: String, startingWith start: String) -> [Substring] {
    text.split(separator: "\n").filter { $0.hasPrefix(start) }
  }

  @Test("shows every series once, in order, in any number of pieces")
  func whole() async throws {
    apply(
      (0..<3_000).flatMap {
        ["c:\($0)|c|#k:\($0)", "h:\($0)|h|#k:\($0)", "a.\($0):1|g", "weir_series:1|g|#type:x\($0)"]
      })
    let (text, pieces) = try await rest(of: await begin())
    #expect(pieces > 10)
    let counters = lines(text, startingWith: "c{")
    #expect(counters == (0..<3_000).map { "c{k=\"\($0)\"} \($0)" }.sorted().map { $0[...] })
    #expect(lines(text, startingWith: "h_count{").count == 3_000)
    #expect(lines(text, startingWith: "h_bucket{").count == 3_000 * 15)
    #expect(lines(text, startingWith: "a_").count == 3_000)
    #expect(Set(lines(text, startingWith: "# TYPE")).count == 3_000 + 2 + ownFamilies(text))
    let names = lines(text, startingWith: "# TYPE").map { $0.split(separator: " ")[2] }
    #expect(names == names.sorted())
  }

  private func ownFamilies(_ text: String) -> Int {
    let types = lines(text, startingWith: "# TYPE")
    return types.count { $0.contains(" weir_") || $0.contains(" process_") }
  }

  @Test("leaves out series that expire or begin during the scrape")
  func changes() async throws {
    apply((0..<6_000).map { "old.level:1|g|#k:\($0)" } + ["total:1|c"])
    let page = await begin()
    let first = try await page.next()
    #expect(!first.isLast)
    for second in 1...30 as ClosedRange<UInt32> { aggregator.expire(atSecond: second) }
    apply(["old.level:1|c", "young:1|c"])
    let (text, _) = try await rest(of: page)
    // What was read before is still shown.
    #expect(lines(text, startingWith: "old_level{").count <= SeriesPiece.seriesMax)
    #expect(lines(text, startingWith: "total") == ["total 1"])
    #expect(!text.contains("young"))
    let (next, pieces) = try await rest(of: await begin())
    #expect(pieces == 1)
    #expect(next.contains("# TYPE old_level counter\nold_level 1\n"))
    #expect(lines(next, startingWith: "young") == ["young 1"])
  }

  @Test("is aborted at its timeout, which is counted")
  func deadline() async throws {
    apply((0..<6_000).map { "c:1|c|#k:\($0)" })
    let late = await begin(deadline: .now - .seconds(1))
    await #expect(throws: HTTPBodyFailure.self) { _ = try await late.next() }
    let early = await begin(deadline: .now + .seconds(3_600))
    let (text, _) = try await rest(of: early)
    #expect(
      lines(text, startingWith: "weir_scrapes_timed_out_total") == [
        "weir_scrapes_timed_out_total 1"
      ])
    #expect(lines(text, startingWith: "weir_scrapes_total") == ["weir_scrapes_total 1"])
  }

  @Test("reads only the requested families")
  func filter() async throws {
    apply(["a:1|c", "b:1|g", "c:1|h"])
    let filter = NameFilter(query: "name[]=b&name[]=weir_lines_total")
    let (text, _) = try await rest(of: await begin(filter: filter))
    #expect(
      lines(text, startingWith: "# TYPE")
        == ["# TYPE b gauge", "# TYPE weir_lines_total counter"])
  }

  @Test("never shows a sender's name as one of Prometheus' or Weir's own, however it is escaped")
  func reserved() async throws {
    let aggregator = Aggregator(names: .utf8)
    let scraper = Scraper(
      status: StatusReader(
        aggregator: aggregator, pushed: Pushed(aggregator: aggregator, limits: OwnerLimits()),
        log: Log(level: .error, format: .logfmt)))
    var router = SampleRouter(aggregator: aggregator, reader: StatsDIdentityReader())
    var batch = SampleBatch()
    let bytes = Array("scrape.duration_seconds:1|g\nweir.new:1|g\nfine.one:1|g".utf8)
    StatsDDecoder().decode(bytes.span, from: 0, to: bytes.count, into: &batch)
    router.apply(&batch, bytes: bytes.span)
    for (scheme, names) in [
      (EscapingScheme.underscores, ["fine_one"]),
      (.allowUTF8, ["\"fine.one\"", "\"scrape.duration_seconds\"", "\"weir.new\""]),
    ] {
      let page = await scraper.begin(.text1, scheme, nil, deadline: nil)
      let (text, _) = try await rest(of: page)
      let types = lines(text, startingWith: "# TYPE").map { String($0.split(separator: " ")[2]) }
      #expect(types.filter { !$0.hasPrefix("weir_") && !$0.hasPrefix("process_") } == names)
    }
  }

  @Test("knows when each series was first seen")
  func start() {
    apply(["a:1|c", "b:1|h|#k:v"])
    var catalog = Catalog()
    catalog.update(from: aggregator)
    for family in catalog.families {
      aggregator.forEachSeries(of: family) { piece, index in
        #expect(piece.startUnixSeconds(index) == 1_767_323_045)
      }
    }
    #expect(catalog.families.count == 2)
  }
}

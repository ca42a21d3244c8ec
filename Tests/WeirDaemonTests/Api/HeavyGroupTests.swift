import Testing
import WeirAggregation
import WeirBytes
import WeirConfiguration
import WeirHTTP
import WeirJSON
import WeirMetrics
import WeirPush

@testable import WeirDaemon

/// Heavy questions about series of pushed groups, alone and beside received ones.
@Suite("Heavy questions about pushed groups")
struct HeavyGroupTests {
  private func questions(_ harness: GatewayHarness) -> HeavyQuestions {
    let now = ContinuousClock.now
    let owners = Pushed(aggregator: harness.aggregator, limits: OwnerLimits()).owners
    return HeavyQuestions(
      shown: ShownSeries(harness.aggregator, owners), scraper: harness.scraper, now: { now })
  }

  @Test("a name that is received and pushed has the series of both")
  func both() async throws {
    let harness = try GatewayHarness()
    harness.apply("both:1|g|#a:b", "received_total:1|c")
    let response = await harness.push("# TYPE both gauge\nboth 2\npushed 3\n")
    #expect(response.status == 200, "\(harness.text(response))")
    let questions = questions(harness)
    let names = try await HeavyAsking.ask(questions, "names", "sort=name")["names"].elements
    let counts = names.map { "\($0["name"].text ?? "") \($0["series"].integer ?? 0)" }
    #expect(counts.filter { !$0.hasPrefix("push_") } == ["both 2", "pushed 1", "received_total 1"])
    let series = try await HeavyAsking.ask(questions, "series", "match=both")
    #expect(series["total"].integer == 2)
    #expect(series["series"].elements.map { $0["value"].number }.contains(2))
  }

  @Test("at most `seriesMax` pushed series are read", arguments: [1, 256, 300, 600, 601])
  func most(most: Int) async throws {
    let harness = try GatewayHarness()
    await harness.push((0..<600).map { "pushed{user=\"u\($0)\"} 1\n" }.joined())
    let source = await harness.scraper.heavySource()
    var reader = HeavyReader(harness.aggregator, seriesMax: most, isLate: { false })
    var read = 0
    for family in HeavyFamily.all(source.catalog, source.groups)
    where family.name == Array("pushed".utf8) {
      await reader.readSpellings(family) { _ in read += 1 }
    }
    #expect(read == min(most, 600) && reader.left == max(0, most - 600))
    #expect(reader.isComplete == (most >= 600))
  }
}

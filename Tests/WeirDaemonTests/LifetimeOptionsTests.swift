import Testing
import WeirAggregation
import WeirConfiguration
import WeirExposition
import WeirHTTP
import WeirMetrics

@testable import WeirDaemon

@Suite("The lifetimes of the command line")
struct LifetimeOptionsTests {
  @Test("are by kind, and 0 means never")
  func mapping() throws {
    let flags = ["counter=1m", "gauge=0", "histogram=3m", "set=4m"].map { "--series.ttl=\($0)" }
    guard case .run(let options) = try Invocation.parse(flags, cores: 1) else {
      Issue.record("\(flags) does not run")
      return
    }
    let lifetimes = options.rules.lifetimes
    #expect(MetricKind.allCases.map { lifetimes[$0] } == [60, nil, 180, 240])
  }

  @Test("keep every series by default, so a sign changes the value that a gauge had days ago")
  func byDefault() async throws {
    let lines = try await page(flags: [], silentSeconds: 200_000)
    #expect(
      lines == ["conns 2", "hits 1", "job_last_success 1700000000", "lat_count 1", "users 0"])
  }

  @Test("make a gauge begin from 0 again after its lifetime")
  func expired() async throws {
    #expect(
      try await page(flags: ["--series.ttl=gauge=5m"], silentSeconds: 400) == [
        "conns -1", "hits 1", "lat_count 1", "users 0",
      ])
    #expect(try await page(flags: ["--series.ttl=5m"], silentSeconds: 400) == ["conns -1"])
    #expect(try await page(flags: ["--series.ttl=5m"], silentSeconds: 300).first == "conns 2")
  }

  /// What a scrape shows of a series of each kind after a time without lines, and then
  /// `conns:-1|g`.
  private func page(flags: [String], silentSeconds: UInt32) async throws -> [String] {
    guard case .run(let options) = try Invocation.parse(flags, cores: 1) else { return [] }
    let aggregator = Aggregator(
      rules: options.rules, unixSeconds: { 1_767_323_045 })
    try ingest(
      "conns:+3|g\njob_last_success:1700000000|g\nusers:ann|s\nhits:1|c\nlat:1|h", aggregator)
    for second in 1...silentSeconds { aggregator.expire(atSecond: second) }
    try ingest("conns:-1|g", aggregator)
    let status = StatusReader(
      aggregator: aggregator, pushed: Pushed(aggregator: aggregator, limits: OwnerLimits()),
      log: Log(level: .error, format: .logfmt))
    let scraper = Scraper(status: status)
    let page = await scraper.begin(.text, .underscores, nil, deadline: nil)
    var bytes: [UInt8] = []
    while true {
      let piece = try await page.next()
      bytes += piece.bytes
      if piece.isLast { break }
    }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
      .filter { !$0.hasPrefix("#") && !$0.hasPrefix("weir_") && !$0.hasPrefix("process_") }
      .filter { !$0.hasPrefix("lat_bucket") && !$0.hasPrefix("lat_sum") }
  }

  private func ingest(_ text: String, _ aggregator: Aggregator) throws {
    var harness = try PipelineHarness(aggregator: aggregator)
    try harness.ingest(text)
  }
}

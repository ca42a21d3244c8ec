import Testing
import WeirCloudWatch
import WeirMetrics

@testable import WeirDaemon

@Suite struct ShownFamiliesTests {
  private func read(
    _ server: GatewayHarness, _ names: Set<String>
  ) async -> (shown: ShownFamilies, series: [String: ReadSeries]) {
    let shown = await server.scraper.shown { names.contains(String(decoding: $0, as: UTF8.self)) }
    var series: [String: ReadSeries] = [:]
    shown.forEachSeries(in: server.aggregator) {
      series[String(decoding: $0.spelling, as: UTF8.self)] = $0
    }
    return (shown, series)
  }

  private func text(_ series: ReadSeries?) -> String {
    switch series?.value {
    case .gauge(let value): "gauge \(value)"
    case .counter(let value): "counter \(value)"
    case .histogram(let bounds, let buckets, let sum): "\(bounds.upper) \(buckets) \(sum)"
    case nil: "nothing"
    }
  }

  @Test func `received series have their value of now`() async throws {
    let server = try GatewayHarness(["--histogram.bounds=1,4"])
    server.apply(
      "a_total:2|c|#k:v", "depth:3|g", "lag:0.5:2:9|h", "users:x|s", "hidden_total:1|c")
    server.apply("a_total:3|c|#k:v")
    let read = await read(server, ["a_total", "depth", "lag", "users"])
    #expect(read.series.keys.sorted() == [#"a_total{k="v"}"#, "depth", "lag", "users"])
    #expect(text(read.series[#"a_total{k="v"}"#]) == "counter 5.0")
    #expect(text(read.series["depth"]) == "gauge 3.0")
    #expect(text(read.series["lag"]) == "[1.0, 4.0] [1.0, 1.0, 1.0] 11.5")
    #expect(text(read.series["users"]) == "gauge 1.0")
  }

  @Test func `pushed groups are read by their types`() async throws {
    let server = try GatewayHarness()
    await server.push(
      """
      # TYPE jobs_total counter
      jobs_total 4
      # TYPE left gauge
      left 5
      bad NaN
      # TYPE lag summary
      lag_sum 6
      lag_count 3
      # TYPE size histogram
      size_bucket{le="1"} 2
      size_bucket{le="+Inf"} 3
      size_sum 7
      size_count 3
      hidden 1

      """)
    let read = await read(server, ["jobs_total", "left", "bad", "lag", "size"])
    let labels = #"{instance="",job="j"}"#
    #expect(
      read.series.mapValues(text) == [
        "jobs_total\(labels)": "counter 4.0", "left\(labels)": "gauge 5.0",
        "lag\(labels)": "[] [3.0] 6.0", "size\(labels)": "[1.0] [2.0, 1.0] 7.0",
      ])
  }

  @Test func `Weir's own counters begin with its process`() async throws {
    let server = try GatewayHarness()
    let read = await read(
      server, ["weir_lines_refused_total", "process_open_fds", "weir_scrape_duration_seconds"])
    #expect(read.shown.startUnixSeconds > 1_700_000_000)
    #expect(read.series.count > 3)
    for (name, series) in read.series where name.hasPrefix("weir_lines") {
      #expect(text(series) == "counter 0.0")
      #expect(series.startUnixSeconds == read.shown.startUnixSeconds)
    }
    #expect(text(read.series["process_open_fds"]).hasPrefix("gauge "))
    let scrapes = read.series["weir_scrape_duration_seconds"]
    #expect(
      text(scrapes)
        == "\(ScrapeMeter.bounds.upper) \(ScrapeMeter.bounds.upper.map { _ in 0.0 } + [0]) 0.0")
    #expect(scrapes?.startUnixSeconds == read.shown.startUnixSeconds)
  }
}

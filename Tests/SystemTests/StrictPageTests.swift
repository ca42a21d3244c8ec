import Foundation
import Testing

extension SystemTests {
  /// Whatever is sent, every page can be read, by the strictest readers too.
  @Suite struct StrictPages {
    @Test(
      arguments: [
        [], ["--web.openmetrics-created"],
        ["--observe=summary", "--web.openmetrics-created"],
        ["--histogram.native", "--web.openmetrics-created", "--series.zero-first=3s"],
        ["--statsd.names=utf-8", "--web.openmetrics-created"],
        ["--statsd.names=utf-8", "--histogram.native=only", "--series.ttl=1s"],
      ])
    func `no sender can make a page illegal in any format`(flags: [String]) throws {
      let weir = try Weir.start(flags)
      let traits =
        (flags.contains("--statsd.names=utf-8") ? ["utf-8"] : [])
        + (flags.contains("--series.ttl=1s") ? ["forgets"] : [])
      let result = try runProgram(
        try Programs.python(),
        [
          try Programs.client("strict_pages.py"), try #require(weir.udp.first),
          try weir.webAddress(), "\(flags.count + 7)", "4", try Programs.promtool(),
        ] + traits, within: 300)
      #expect(result.ending == .exit(0), "\(result.error)")
    }

    @Test func `a real Prometheus takes what hostile senders leave, in text and in protobuf`()
      throws
    {
      let weir = try Weir("--histogram.native", "--web.openmetrics-created")
      let hostile = try runProgram(
        try Programs.python(),
        [
          try Programs.client("strict_pages.py"), try #require(weir.udp.first),
          try weir.webAddress(), "2", "2", try Programs.promtool(),
        ], within: 300)
      #expect(hostile.ending == .exit(0), "\(hostile.error)")
      for features in [[], ["native-histograms", "exemplar-storage"]] {
        let prometheus = try Prometheus(
          jobs: [.init(target: try weir.webAddress())], features: features)
        let up = try eventually("A scrape", within: 40) { try prometheus.scalar("up") }
        #expect(try up == 1 && prometheus.lastErrors() == [""])
        #expect(try #require(try prometheus.scalar("scrape_samples_scraped")) > 100)
      }
    }

    /// The lines of a page in OpenMetrics.
    private func openMetrics(_ weir: Weir) throws -> [String] {
      let exchange = try HTTPExchange(try weir.webAddress())
      try exchange.send(
        "GET /metrics HTTP/1.1\r\nHost: weir\r\nAccept: application/openmetrics-text\r\n\r\n")
      return try exchange.answer().text.split(separator: "\n").map(String.init)
    }

    @Test func `OpenMetrics has whole counts, and no sum of what took negative values`() throws {
      let weir = try Weir("--web.openmetrics-created")
      try weir.send("h:1|h\nh_created:5|g", "t:3|ms|@0.3", "n:3|h\nn:-3|h\nn:9|h\nn:9|h")
      let page = try weir.scrape(afterDatagrams: 3)
      #expect(page.sum("weir_type_clashes_total") == 1)
      #expect(page.sum("t_count") == 1 / 0.3)
      #expect(page.sum("n_sum") == 18 && page.sum("n_count") == 4)
      let lines = try openMetrics(weir)
      #expect(lines.count { $0.hasPrefix("h_created ") } == 1)
      #expect(lines.contains("t_count 3") && lines.contains("t_bucket{le=\"+Inf\"} 3"))
      #expect(lines.contains("n_bucket{le=\"+Inf\"} 4"))
      #expect(!lines.contains { $0.hasPrefix("n_sum") || $0.hasPrefix("n_count") })
    }

    @Test func `a series that begins with 5 has increased by 5 where it is shown as 0 first`()
      throws
    {
      let weir = try Weir("--series.zero-first=4s")
      let prometheus = try Prometheus(scraping: try weir.webAddress())
      _ = try eventually("The first scrape", within: 40) { try prometheus.scalar("up") }
      try weir.send("oneoff_total:5|c|#status:error", "took_seconds:0.3:0.4|h|#status:error")
      // It has been seen with its value, however long that takes.
      _ = try eventually("The values", within: 40) {
        try prometheus.scalar("oneoff_total") == 5
          && prometheus.scalar("took_seconds_count") == 2 ? true : nil
      }
      // From the first 0 to the last value, without what Prometheus guesses beyond them.
      for (expression, value) in [
        ("max_over_time(oneoff_total[1m]) - min_over_time(oneoff_total[1m])", 5.0),
        ("max_over_time(took_seconds_count[1m]) - min_over_time(took_seconds_count[1m])", 2),
        ("resets(oneoff_total[1m])", 0), ("resets(took_seconds_sum[1m])", 0),
        ("resets(took_seconds_bucket{le=\"0.5\"}[1m])", 0),
        ("changes(oneoff_total[1m])", 1),
      ] {
        #expect(try prometheus.scalar(expression) == value, "\(expression)")
      }
      let increase = try #require(try prometheus.scalar("increase(oneoff_total[1m])"))
      #expect(increase >= 5 && increase < 6.5)
    }

    @Test func `rows of Weir's own counters begin with 0, and limits show what is taken`() throws {
      let weir = try Weir("--limit.series-per-name=3")
      try weir.send(
        (1...4).map { "a_total:1|c|#k:\($0)\n" }.joined() + "b:1|g")
      let labels = ["limit": "series_per_name", "name": "a_total"]
      let first = try weir.scrape(afterDatagrams: 1)
      #expect(first.sum("weir_lines_refused_total") == 1)
      #expect(first.value("weir_limit_used", ["limit": "series_per_name"]) == 3)
      #expect(first.value("weir_limit", ["limit": "series_per_name"]) == 3)
      #expect(first.value("weir_limit_used", ["limit": "name_bytes"]) == nil)
      #expect(try weir.scrape().value("weir_limit_refusals_total", labels) == 1)
      // A new name is 0 once, whenever it comes.
      try weir.send("b:1|g|#k:1\nb:1|g|#k:2\nb:1|g|#k:3")
      _ = try weir.scrape(until: "The refusal of the second name") {
        $0.value("weir_limit_refusals_total", ["limit": "series_per_name", "name": "b"]) == 0
      }
      let second = try weir.scrape()
      #expect(second.sum("weir_limit_refusals_total") == 2)
    }
  }
}

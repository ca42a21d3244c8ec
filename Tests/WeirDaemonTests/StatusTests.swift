import Glibc
import Testing
import WeirConfiguration
import WeirExposition
import WeirMetrics
import WeirSockets

@testable import WeirAggregation
@testable import WeirDaemon
@testable import WeirHTTP

@Suite("A status")
struct StatusTests {
  /// A status that no running part was asked for.
  private func status() -> Status {
    let aggregator = Aggregator()
    var ingest = Status.Ingest(
      name: .address(.loopback(port: 8_125)), receiveBufferBytes: 4_096, totals: IngestTotals(),
      dropped: 7)
    ingest.totals.datagrams = 5
    ingest.totals.lines = 11
    var push = Status.Push(
      totals: PushTotals(), refused: PushMeter.Reading(), limits: OwnerLimits())
    push.totals.frames = 3
    var http = HTTPStatistics()
    http.connectionsMax = 9
    http.requestsByStatus = [200: 4]
    var scrapes = ScrapeTotals()
    scrapes.add(ScrapeMeter.Outcome(duration: .milliseconds(20), hiddenSeries: 2))
    var process = ProcessMetrics()
    process.openFDs = 17
    let metrics = Status.Metrics(
      ingest: [ingest], series: aggregator.counts(),
      limits: LimitReading(
        limits: aggregator.limits, used: [], tally: LimitTally(), classes: 12,
        namesWithoutOwnClass: 3),
      push: push, scrapes: scrapes, http: http,
      files: Status.Files(web: ReloadStatus.Reading(isSuccessful: false, successAt: 12), keys: nil),
      process: process, logLinesLost: 1)
    let time = timespec(tv_sec: 1_767_323_045, tv_nsec: 678_000_000)
    return Status(
      metrics: metrics,
      refused: Status.Refused(
        lines: [
          RefusedLines.Entry(
            time: time, sender: .address(.loopback(port: 40_000)), reason: .badValue,
            line: Array("a:x|c\t".utf8), isCut: true)
        ],
        pushes: [
          PushReports.Entry(
            time: time, sender: nil, instance: nil, isRecord: false, reason: "unsigned", name: nil),
          PushReports.Entry(
            time: time, sender: nil, instance: nil, isRecord: true, reason: "type_clash",
            name: Array("hits".utf8)),
        ]),
      instances: Status.Instances(shown: [], known: 2))
  }

  /// The samples of a family, as `labels value`.
  private func samples(_ name: String, _ families: [OwnFamily]) -> [String] {
    guard case .samples(let samples)? = families.first(where: { $0.name == name })?.values else {
      return []
    }
    return samples.map { "\($0.labels) \($0.value)" }
  }

  @Test("is all that Weir's own metrics are made from")
  func metrics() {
    let families = OwnMetrics(status().metrics).families
    #expect(
      samples("weir_datagrams_received_total", families) == ["{listener=\"127.0.0.1:8125\"} 5.0"])
    #expect(
      samples("weir_datagrams_dropped_total", families) == ["{listener=\"127.0.0.1:8125\"} 7.0"])
    #expect(samples("weir_lines_total", families) == [" 11.0"])
    #expect(samples("weir_push_frames_total", families) == [" 3.0"])
    #expect(samples("weir_http_requests_total", families) == ["{code=\"200\"} 4.0"])
    #expect(samples("weir_limit", families).contains("{limit=\"http_connections\"} 9.0"))
    #expect(samples("weir_limit", families).contains("{limit=\"series_classes\"} 1000.0"))
    #expect(samples("weir_limit_used", families).contains("{limit=\"series_classes\"} 12.0"))
    #expect(samples("weir_series_classes", families) == [" 12.0"])
    #expect(samples("weir_names_without_own_class_total", families) == [" 3.0"])
    #expect(samples("weir_scrapes_total", families) == [" 1.0"])
    #expect(samples("weir_scrape_hidden_series_total", families) == [" 2.0"])
    #expect(samples("weir_web_config_last_reload_successful", families) == [" 0.0"])
    #expect(samples("weir_push_keys_last_reload_successful", families) == [])
    #expect(samples("process_open_fds", families) == [" 17.0"])
    #expect(samples("weir_log_lines_lost_total", families) == [" 1.0"])
    #expect(families.map(\.name) == families.map(\.name).sorted())
  }

  @Test("is all that the pages are made from")
  func pages() {
    let status = status()
    #expect(
      RefusedPage(status.refused).text == """
        The last \(RefusalRecord.keptMax) refused lines, newest first: time, sender, reason, line.
        2026-01-02T03:04:05.678Z 127.0.0.1:40000 bad_value "a:x|c\\t"…

        The last 50 refused push frames and records, newest first: time, sender, instance, frame or \
        record, reason, name of a record.
        2026-01-02T03:04:05.678Z - - record type_clash "hits"
        2026-01-02T03:04:05.678Z - - frame unsigned

        """)
    #expect(
      InstancesPage(status.instances).text == """
        0 of 2 instances, those with most frames lost or missing first.
        instance          started        state     silent_s  series  received   missing  late       \
        duplicate  lost

        """)
    let landing = LandingPage(telemetryPaths: ["/a&b"]).html
    #expect(landing.contains("<li><a href=\"/a&amp;b\">/a&amp;b</a></li>\n"))
    #expect(landing.contains("<h1>Weir \(Version.current)</h1>"))
  }

  @Test("has every section when it is read from the parts")
  func reader() throws {
    var harness = try PipelineHarness()
    try harness.ingest("hits:1|c\nhits:x|c")
    let reader = StatusReader(
      aggregator: harness.aggregator,
      pushed: Pushed(aggregator: harness.aggregator, limits: OwnerLimits()),
      refused: harness.refused, log: Log(level: .error, format: .logfmt))
    let status = reader.status()
    #expect(status.metrics.series.series(.counter) == 1)
    #expect(status.refused.lines.map(\.reason) == [.badValue])
    #expect(status.instances.known == 0)
    #expect(status.metrics.files.web == nil && status.metrics.files.keys == nil)
  }
}

import Foundation
import Testing

extension SystemTests {
  /// What the first user runs: many Node processes, one target.
  @Suite("Eight gateways")
  struct GatewayTests {
    /// A series as all gateways together recorded it.
    private struct Recorded: Decodable {
      let type: String
      let name: String
      let labels: [String: String]
      let value: Double?
      let sum: Double?
      let count: Double?
      let bounds: [Double]?
      let buckets: [Double]?
    }

    private struct Run: Decodable {
      let confirmed: Bool
      let sent: Int
      let series: [Recorded]
    }

    /// One of each instance, while it lives.
    private static let gauges = [
      "process_resident_memory_bytes", "process_heap_bytes", "process_uptime_seconds",
      "nodejs_eventloop_lag_seconds", "nodejs_version_info",
    ]

    @Test(
      "show every metric of theirs while they live, and exactly their counts when they have ended")
    func gateways() throws {
      let weir = try Weir()
      let run = try ChildProcess(
        try Programs.node(),
        [
          try Programs.example("node/run.mjs"), "--weir=\(try #require(weir.udp.first))",
          "--requests=1200", "--hold=3",
        ])
      let alive = try weir.scrape(until: "The gauges of eight instances", within: 60) { page in
        Self.gauges.allSatisfy { gauge in
          (1...8).allSatisfy { page.sum(gauge, ["instance": "gateway-\($0)"]) > 0 }
        }
      }
      for instance in 1...8 {
        let info = alive.samples("nodejs_version_info").filter {
          $0.labels["instance"] == "gateway-\(instance)"
        }
        #expect(info.map(\.value) == [1])
        #expect(info.first?.labels["version"]?.hasPrefix("v") == true)
      }
      #expect(alive.family("llm_requests_total")?.type == "counter")
      #expect(alive.family("process_cpu_user_seconds_total")?.type == "counter")
      #expect(alive.family("llm_request_duration_seconds")?.type == "histogram")

      #expect(try run.wait(within: 90) == .exit(0), "\(run.standardError)")
      let output = try #require(run.standardOutput.split(separator: "\n").last)
      let recorded = try JSONDecoder().decode(Run.self, from: Data(output.utf8))
      #expect(recorded.confirmed)
      #expect(recorded.sent == 1_200)
      let page = try weir.scrape()
      for series in recorded.series { expect(series, on: page) }
      let requests = page.sum("llm_requests_total") + page.sum("rate_limit_hits_total")
      #expect(requests == 1_200)
      #expect(page.sum("llm_request_duration_seconds_count") == page.sum("llm_requests_total"))
      #expect(
        Set(page.samples("llm_requests_total").compactMap { $0.labels["status"] }) == [
          "ok", "error",
        ])
      #expect(page.samples("process_cpu_user_seconds_total").count == 8)
      // Their gauges have left with them; what remains of the name is Weir's own.
      for gauge in Self.gauges {
        #expect(page.samples(gauge).allSatisfy { $0.labels["instance"] == nil }, "\(gauge)")
      }
      #expect(page.sum("weir_push_instances", ["state": "live"]) == 8)
      #expect(page.sum("weir_push_records_refused_total") == 0)
    }

    private func expect(_ series: Recorded, on page: Page) {
      guard series.type == "histogram" else {
        #expect(page.value(series.name, series.labels) == series.value, "\(series.name)")
        return
      }
      #expect(page.value("\(series.name)_sum", series.labels) == series.sum)
      #expect(page.value("\(series.name)_count", series.labels) == series.count)
      var below = 0.0
      for (bound, count) in zip(series.bounds ?? [], series.buckets ?? []) {
        below += count
        let le = "\(bound)"
        #expect(
          page.value("\(series.name)_bucket", series.labels.merging(["le": le]) { $1 }) == below,
          "\(series.name) \(series.labels) \(le)")
      }
    }
  }
}

import Foundation
import Testing

extension SystemTests {
  /// Nothing is lost that the kernel did not drop, and what it drops is known.
  @Suite struct Exactness {
    @Test func `a million samples from ten processes add up to the last count`() throws {
      let weir = try Weir()
      let (processes, rounds) = (10, 50)
      let lines = (0..<processes).map(Self.lines)
      let datagrams = try Senders.send(
        lines, times: rounds, datagramsPerSecond: 1_500, to: try #require(weir.udp.first))
      let page = try weir.scrape(until: "An account of every datagram", within: 30) {
        $0.sum("weir_datagrams_received_total") + $0.sum("weir_datagrams_dropped_total")
          >= datagrams
      }
      #expect(page.sum("weir_datagrams_received_total") == datagrams)
      #expect(page.sum("weir_datagrams_dropped_total") == 0)
      #expect(page.sum("weir_lines_total") == 1_000_000)
      #expect(page.sum("weir_lines_refused_total") == 0)
      #expect(page.value("weir_samples_total", ["type": "counter"]) == 500_000)
      #expect(page.value("weir_samples_total", ["type": "histogram"]) == 400_000)
      #expect(page.value("weir_samples_total", ["type": "gauge"]) == 100_000)

      // Ten series that all processes share, and ten of each process.
      for shard in 0..<10 {
        let shared = page.value("jobs_shared_total", ["shard": "\(shard)"])
        #expect(shared == Double(processes * rounds * 50 * (shard + 1)))
      }
      for process in 0..<processes {
        let labels = ["worker": "w\(process)"]
        #expect(page.value("jobs_done_total", labels) == Double(rounds * 500))
        #expect(page.value("job_duration_seconds_count", labels) == Double(rounds * 800))
        let eighths = (0..<800).reduce(0) { $0 + $1 % 97 + 1 }
        let sum = Double(rounds * eighths) / 8
        #expect(page.value("job_duration_seconds_sum", labels) == sum)
        #expect(page.value("jobs_waiting", labels) == 199)
      }
      #expect(page.sum("jobs_shared_total") == Double(processes * rounds * 50 * 55))
    }

    /// 2,000 lines: 1,000 counters, half of them shared, 800 observations, 200 gauges.
    private static func lines(of process: Int) -> [String] {
      let worker = "#worker:w\(process)"
      return (0..<500).map { "jobs_shared_total:\($0 % 10 + 1)|c|#shard:\($0 % 10)" }
        + (0..<500).map { _ in "jobs_done_total:1|c|\(worker)" }
        + (0..<800).map { "job_duration_seconds:\(Double($0 % 97 + 1) / 8)|h|\(worker)" }
        + (0..<200).map { "jobs_waiting:\($0)|g|\(worker)" }
    }

    @Test func `no page counts a datagram whose values it does not show`() throws {
      let weir = try Weir()
      let web = try weir.webAddress()
      let sender = try weir.sender()
      for _ in 0..<500 {
        // Scraped at once, so that the page is made while these are taken in.
        for _ in 0..<5 { try sender.send("steady_total:1|c") }
        let page = try Page(try http(web, "/metrics").text)
        let received = page.sum("weir_datagrams_received_total")
        #expect(page.sum("steady_total") >= received)
        #expect(page.sum("weir_samples_total", ["type": "counter"]) >= received)
      }
      #expect(try weir.scrape(afterDatagrams: 2_500).sum("steady_total") == 2_500)
    }

    @Test func `no page shows a gauge before its first value`() throws {
      let weir = try Weir()
      let web = try weir.webAddress()
      let sender = try weir.sender()
      for round in 0..<60 {
        // A crowd of new series at once is the longest way from a name to its value.
        let lines = (0..<300).map { "fresh_celsius:7|g|#series:r\(round)s\($0)" }
        try sender.send(lines.joined(separator: "\n"))
        let shown = try http(web, "/metrics").text.split(separator: "\n")
          .filter { $0.hasPrefix("fresh_celsius{") }
        #expect(shown.filter { !$0.hasSuffix("} 7") } == [])
      }
      let page = try weir.scrape(afterDatagrams: 60)
      #expect(page.value("weir_series", ["type": "gauge"]) == 18_000)
    }

    @Test(arguments: ["--lines-per-datagram=1", "--datagram-bytes=1432"])
    func `the load generator finds every total right`(packing: String) throws {
      let weir = try Weir()
      let report = try LoadReport.run(
        weir, packing, "--series=5000", "--sockets=10", "--datagrams-per-second=10000",
        "--seconds=2")
      #expect(report.correct)
      #expect(report.datagramsReceived == 20_000)
      #expect(report.datagramsDropped == 0)
      #expect(report.linesReceived == report.linesSent)
      _ = try weir.scrape()
    }

    @Test(arguments: [1, 3])
    func `a tiny receive buffer loses datagrams and counts every one`(receivers: Int) throws {
      let weir = try Weir("--statsd.read-buffer=4096", "--statsd.receivers=\(receivers)")
      let report = try LoadReport.run(
        weir, "--datagrams=50000", "--datagrams-per-second=0", "--lines-per-datagram=3",
        "--sockets=8")
      #expect(report.datagramsSent == 50_000)
      #expect(report.datagramsReceived + report.datagramsDropped == report.datagramsSent)
      // Without a loss the run has shown nothing.
      #expect(report.datagramsDropped > 0)
      #expect(report.correct)
    }

    @Test func `random bytes and broken lines leave their good neighbours whole`() throws {
      let weir = try Weir()
      var random = Seeded(state: 20_251)
      let socket = try weir.sender()
      let good = "survivors_total:1|c|#kind:good"
      let datagrams = 2_000
      for number in 0..<datagrams {
        var garbage = (0..<Int.random(in: 0..<300, using: &random)).map { _ in
          UInt8.random(in: 0...255, using: &random)
        }
        if number % 2 == 1 {
          garbage = Array(good.utf8.prefix(Int.random(in: 0..<good.utf8.count, using: &random)))
          // A cut in the tags may leave a good line, but of another series.
        }
        // Bytes that are not text open a datagram of the push protocol, so the good line does.
        try socket.send(Array("\(good)\n".utf8) + garbage + Array("\n\(good)".utf8))
      }
      let page = try weir.scrape(until: "An account of every datagram", within: 30) {
        $0.sum("weir_datagrams_received_total") + $0.sum("weir_datagrams_dropped_total")
          >= Double(datagrams)
      }
      #expect(page.sum("weir_datagrams_dropped_total") == 0)
      #expect(page.value("survivors_total", ["kind": "good"]) == Double(2 * datagrams))
      #expect(page.sum("weir_lines_refused_total") > 0)
      try weir.send("afterwards_total:1|c")
      _ = try weir.scrape(afterDatagrams: Double(datagrams) + 1)
      #expect(try weir.scrape().value("afterwards_total") == 1)
    }
  }
}

/// Vigna's SplitMix64, so that a failure repeats.
struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

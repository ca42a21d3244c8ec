import Foundation
import Testing

extension WaitingTests {
  /// What a real Prometheus stores of a scrape, in each format that it asks for.
  @Suite struct Storage {
    /// Series without what tells the jobs apart, and what Prometheus adds.
    private func stored(_ prometheus: Prometheus, job: String) throws -> [[String: String]: Double]
    {
      let own = #"__name__!~"weir_.*|process_.*|scrape_.*|up""#
      let series = try prometheus.query("{job=\"\(job)\",\(own)}")
      return series.reduce(into: [:]) { stored, series in
        let labels = series.labels.filter { $0.key != "job" && $0.key != "instance" }
        stored[labels] = series.value
      }
    }

    /// How a job comes in over HTTPS with a password.
    private func secure(_ certificates: Certificates) -> [String] {
      [
        "scheme: https", "basic_auth: {username: prometheus, password: right}",
        "tls_config: {ca_file: \(certificates.path("ca.crt"))}",
      ]
    }

    @Test func `Prometheus stores the same from protobuf, OpenMetrics and text, over HTTPS`() throws
    {
      let certificates = try Certificates()
      let weir = try Weir(
        "--web.config.file=\(try certificates.configureTLS(and: Security.users))")
      let web = try weir.webAddress()
      for line in [
        "requests_total:3|c|#route:/a", "requests_total:2.5|c|#route:quote\"back\\\\slash é",
        "plain:7|c", "level:-0.5|g", "users:a|s", "users:b|s", "wait_seconds:250:0.5:20000|ms|#k:v",
        "wait_seconds:1|h", "sampled_seconds:0.2|h|@0.4", "clash:1|g", "clash_total:4|c",
      ] { try weir.send(line) }
      let login = ["--cacert", certificates.path("ca.crt"), "-u", "prometheus:right"]
      _ = try eventually("A page with all of it") {
        let page = try CurlAnswer("https://\(web)/metrics", login).text
        return page.contains("} 11\n# HELP weir_datagrams_refused_total") ? true : nil
      }
      let relay = try Relay(
        to: "https://\(web)", trusting: certificates.path("ca.crt"), as: "prometheus:right")
      // With this feature version 2.42 asks for protobuf.
      let binary = try Prometheus(
        jobs: [.init(name: "protobuf", target: web, settings: secure(certificates))],
        features: ["native-histograms"])
      let texts = try Prometheus(jobs: [
        .init(name: "openmetrics", target: web, settings: secure(certificates)),
        .init(name: "text", target: relay.address),
      ])
      let each = try [(binary, "protobuf"), (texts, "openmetrics"), (texts, "text")].map {
        prometheus, job in
        try eventually("Stored series of \(job)", within: 30) {
          let series = try stored(prometheus, job: job)
          return series.isEmpty ? nil : series
        }
      }
      // 2 + 1 + 1 + 1 + 2 · 17 + 17 + 2
      #expect(each[1].count == 58)
      #expect(each[1][["__name__": "plain"]] == 7)
      #expect(each[1][["__name__": "wait_seconds_bucket", "le": "1.0"]] == 1)
      // Counts that are no whole numbers are rounded down in OpenMetrics, and this version reads no
      // fractional counts of protobuf, but their rounded ones.
      let isWhole = { (series: [String: String]) in
        !(series["__name__"] ?? "").hasPrefix("sampled_seconds_")
      }
      #expect(each[2].filter { isWhole($0.key) } == each[1].filter { isWhole($0.key) })
      #expect(Set(each[2].keys) == Set(each[1].keys))
      #expect(each[0].filter { isWhole($0.key) } == each[1].filter { isWhole($0.key) })
      #expect(Set(each[0].keys) == Set(each[1].keys))
      #expect(each[0][["__name__": "sampled_seconds_count"]] == 3)
      #expect(each[1][["__name__": "sampled_seconds_count"]] == 2)
      #expect(each[2][["__name__": "sampled_seconds_count"]] == 2.5)
    }

    @Test(arguments: ["both", "only"])
    func `Prometheus stores native histograms, and finds their quantiles`(native: String) throws {
      let certificates = try Certificates()
      let weir = try Weir(
        "--histogram.native=\(native)",
        "--web.config.file=\(try certificates.configureTLS(and: Security.users))")
      // Spread evenly over the magnitudes from a thousandth to some hundred.
      let values = (0..<3_000).map { index in
        let spread = (Double(index) * 0.618_033_988_75).truncatingRemainder(dividingBy: 1)
        return exp(12 * spread - 7) * (index.isMultiple(of: 2) ? 1 : 3)
      }
      let sender = try weir.sender()
      for start in stride(from: 0, to: values.count, by: 30) {
        let some = values[start..<start + 30].map { "\($0)" }.joined(separator: ":")
        try sender.send("wait_seconds:\(some)|h|#route:/a")
      }
      try sender.send("balance:-3:-2:0:5|h")
      try sender.send("sampled_seconds:0.5|h|@0.4")
      let prometheus = try Prometheus(
        jobs: [.init(target: try weir.webAddress(), settings: secure(certificates))],
        features: ["native-histograms"])
      _ = try eventually("A scrape of everything", within: 30) {
        try prometheus.scalar("sum(weir_datagrams_received_total)") == 102 ? true : nil
      }
      #expect(try prometheus.scalar("histogram_count(wait_seconds)") == 3_000)
      let sum = try #require(try prometheus.scalar("histogram_sum(wait_seconds)"))
      #expect(abs(sum - values.reduce(0, +)) <= 1e-9 * sum)
      let sorted = values.sorted()
      for quantile in [0.01, 0.1, 0.5, 0.9, 0.99] {
        let found = try #require(
          try prometheus.scalar("histogram_quantile(\(quantile), wait_seconds)"))
        // The value and its neighbours: Prometheus may take either side of a rank.
        let rank = Int(quantile * 3_000)
        let near = sorted[max(0, rank - 1)...min(2_999, rank + 1)]
        // Schema 3: bounds 2^(1/8) apart.
        let width = pow(2, 1.0 / 8)
        #expect(found >= near.min()! / width && found <= near.max()! * width)
      }
      #expect(try prometheus.scalar("histogram_count(balance)") == 4)
      #expect(try prometheus.scalar("histogram_sum(balance)") == 0)
      #expect(try prometheus.scalar("histogram_fraction(-4, -1, balance)") == 0.5)
      #expect(try prometheus.scalar("histogram_count(sampled_seconds)") == 2.5)
    }
  }
}

/// A server between Prometheus and Weir that makes every request one for the text format.
final class Relay {
  private let process = Process()
  private let input = Pipe()
  let address: String

  init(to target: String, trusting authority: String, as credentials: String) throws {
    process.executableURL = URL(filePath: try Programs.python())
    process.arguments = [try Programs.client("relay.py"), target, authority, credentials]
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    var line = Data()
    while line.last != 10 {
      guard let byte = try output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty else {
        throw HarnessError("relay.py ended.")
      }
      line += byte
    }
    address = "127.0.0.1:\(String(decoding: line.dropLast(), as: UTF8.self))"
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }
}

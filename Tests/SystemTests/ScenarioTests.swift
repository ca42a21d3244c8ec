import Foundation
import Testing

extension SystemTests {
  /// The first user's scenario: many instances, one target, and the questions of their dashboards.
  ///
  /// Two equal waves make the answers of `rate` and `increase` predictable. The first is complete
  /// before Prometheus looks for the first time, so that every series has its first sample in the
  /// same scrape and the window sees exactly the second wave. Prometheus then extrapolates: asked
  /// at the very time of the last of `n` samples, with a window that began long before the first,
  /// it adds half the average distance between samples at the start and nothing at the end, a
  /// factor of 1 + 0.5 / (n - 1). (It would add less for a counter that had just left zero; the
  /// first wave, as large as the second, sees to that.) The factor is the same for every series
  /// and cancels in shares and quantiles.
  @Suite struct Scenario {
    /// Time stamps are whole milliseconds; scrapes are a second apart.
    static let relativeTolerance = 1e-6

    @Test func `a real Prometheus answers the six questions with what was sent`() throws {
      let weir = try Weir()
      let wave = GatewayTraffic(instances: 12)
      let first = try Senders.send(wave.lines, to: try #require(weir.udp.first))
      _ = try weir.scrape(afterDatagrams: first)
      let prometheus = try Prometheus(scraping: try weir.webAddress())
      let looks = "count_over_time(weir_lines_total[5m])"
      _ = try eventually("The first scrapes", within: 30) {
        try prometheus.scalar(looks).flatMap { $0 >= 2 ? $0 : nil }
      }
      let second = try Senders.send(wave.lines, to: try #require(weir.udp.first))
      let page = try weir.scrape(afterDatagrams: first + second)
      #expect(page.sum("weir_datagrams_dropped_total") == 0)
      #expect(page.sum("weir_lines_refused_total") == 0)

      let received = "sum(weir_datagrams_received_total)"
      _ = try eventually("A scrape of everything", within: 30) {
        try prometheus.scalar(received) == first + second ? true : nil
      }
      let time = try #require(try prometheus.scalar("timestamp(weir_lines_total)"))
      let samples = try #require(try prometheus.scalar(looks, at: time))
      let answers = Answers(prometheus: prometheus, time: time)
      try expectTotals(of: wave, answers)
      try expectRates(of: wave, answers, factor: 1 + 0.5 / (samples - 1))
      try expectInstances(of: wave, answers)
    }

    /// Both waves, to the last count, whatever process sent them.
    private func expectTotals(of wave: GatewayTraffic, _ answers: Answers) throws {
      let requests = try answers.by(["provider", "status"], "sum(llm_requests_total)")
      for (provider, statuses) in wave.requests {
        for (status, sent) in statuses { #expect(requests[[provider, status]] == 2 * sent) }
      }
      let counts = try answers.by(["provider"], "sum(llm_request_duration_seconds_count)")
      let sums = try answers.by(["provider"], "sum(llm_request_duration_seconds_sum)")
      for (provider, durations) in wave.durations {
        #expect(counts[[provider]] == 2 * Double(durations.count))
        #expect(sums[[provider]] == 2 * durations.reduce(0, +))
      }
      let tokens = try answers.by(["provider", "model"], "sum(llm_tokens_total)")
      #expect(tokens == wave.tokens.mapValues { 2 * $0 })
      let hits = try answers.by(["endpoint"], "sum(rate_limit_hits_total)")
      #expect(hits == .init(uniqueKeysWithValues: wave.hits.map { ([$0.key], 2 * $0.value) }))
    }

    private func expectRates(
      of wave: GatewayTraffic, _ answers: Answers, factor: Double
    ) throws {
      let windowSeconds = 300.0
      let rate = try answers.by(["provider"], "sum(rate(llm_requests_total[5m]))")
      let errors = try answers.vector(
        """
        sum(rate(llm_requests_total{status="error"}[5m])) by (provider)
          / sum(rate(llm_requests_total[5m])) by (provider)
        """, by: ["provider"])
      let p95 = try answers.vector(
        """
        histogram_quantile(0.95,
          sum(rate(llm_request_duration_seconds_bucket[5m])) by (le, provider))
        """, by: ["provider"])
      #expect(Set(rate.keys) == Set(wave.requests.keys.map { [$0] }))
      for (provider, statuses) in wave.requests {
        let sent = statuses.values.reduce(0, +)
        expect(rate[[provider]], near: sent * factor / windowSeconds)
        expect(errors[[provider]], near: (statuses["error"] ?? 0) / sent)
        expect(p95[[provider]], near: wave.quantile(0.95, provider: provider))
      }
      let tokens = try answers.by(["provider", "model"], "sum(increase(llm_tokens_total[1h]))")
      #expect(Set(tokens.keys) == Set(wave.tokens.keys))
      for (model, sent) in wave.tokens { expect(tokens[model], near: sent * factor) }

      // The wave is such that one endpoint is above the alert's threshold and the other below.
      let limited = try answers.vector("rate(rate_limit_hits_total[5m]) > 10", by: ["endpoint"])
      #expect(Set(limited.keys) == [["/v1/chat"]])
      let chat = try #require(wave.hits["/v1/chat"])
      expect(limited[["/v1/chat"]], near: chat * factor / windowSeconds)
    }

    /// Gauges stay the instances' own, beside the server's series of the same name.
    private func expectInstances(of wave: GatewayTraffic, _ answers: Answers) throws {
      let big = try answers.vector(
        "process_resident_memory_bytes > 1073741824", by: ["instance"])
      let expected = wave.memory.filter { $0.value > GatewayTraffic.gibibyte }
      #expect(big == .init(uniqueKeysWithValues: expected.map { ([$0.key], $0.value) }))
      let all = try answers.vector("process_resident_memory_bytes", by: ["instance"])
      #expect(all.count == wave.memory.count + 1)
      let versions = try answers.by(["version"], "sum(nodejs_version_info)")
      #expect(versions == [["v22.11.0"]: Double(wave.memory.count)])
      let user = try answers.vector("sum(process_cpu_user_seconds_total)", by: [])
      #expect(user == [[]: 0.5 * Double(wave.memory.count)])
    }

    private func expect(
      _ answer: Double?, near expected: Double, sourceLocation: SourceLocation = #_sourceLocation
    ) {
      let difference = abs((answer ?? .nan) - expected)
      #expect(
        difference <= abs(expected) * Self.relativeTolerance,
        "\(answer.debugDescription) is not \(expected).", sourceLocation: sourceLocation)
    }
  }
}

/// Prometheus' answers at one moment, by the values of some labels.
private struct Answers {
  let prometheus: Prometheus
  let time: Double

  func by(_ labels: [String], _ aggregation: String) throws -> [[String]: Double] {
    try vector("\(aggregation) by (\(labels.joined(separator: ", ")))", by: labels)
  }

  func vector(_ expression: String, by labels: [String]) throws -> [[String]: Double] {
    var answers: [[String]: Double] = [:]
    for series in try prometheus.query(expression, at: time) {
      let key = labels.map { series.labels[$0] ?? "" }
      if answers.updateValue(series.value, forKey: key) != nil {
        throw HarnessError("\(expression) has two answers for \(key).")
      }
    }
    return answers
  }
}

import Testing
import WeirConfiguration
import WeirExposition
import WeirPush

@testable import WeirDaemon

@Suite struct GatewayFleetTests {
  private struct Run {
    var samples: [(time: Double, instance: Int, sample: GatewaySample)] = []
    var events: [GatewayFleet.Event] = []
    var fleet: GatewayFleet
  }

  /// Simulates all of it, in steps of this length.
  private func run(
    instances: Int = 3, perSecond: Int = 50, seconds: Int = 300, step: Double = 0.1
  ) -> Run {
    var run = Run(
      fleet: GatewayFleet(instances: instances, perSecond: perSecond, seconds: seconds))
    var time = 0.0
    while run.fleet.time < Double(seconds) {
      time += step
      var samples: [(Int, GatewaySample)] = []
      run.events += run.fleet.advance(to: time) { samples.append(($0, $1)) }
      let now = run.fleet.time
      run.samples += samples.map { (now, $0.0, $0.1) }
    }
    return run
  }

  private func requests(
    _ run: Run, _ labels: [String: String] = [:], in range: Range<Double> = 0..<1e9
  ) -> Double {
    run.samples.reduce(0) { sum, entry in
      guard entry.sample.series.name == "llm_requests_total", range.contains(entry.time),
        labels.allSatisfy({ wanted in
          entry.sample.series.labels.contains {
            $0.name == wanted.key && $0.value == wanted.value
          }
        }), case .count(let count) = entry.sample.value
      else { return sum }
      return sum + count
    }
  }

  @Test func `it has all metrics of the gateway, with their labels and types`() {
    var seen: [String: Set<String>] = [:]
    for entry in run(seconds: 60).samples {
      let type =
        switch entry.sample.value {
        case .count: "c"
        case .set: "g"
        case .observe: "h"
        }
      let labels = entry.sample.series.labels.map(\.name).sorted().joined(separator: ",")
      seen[entry.sample.series.name, default: []].insert("\(type) \(labels)")
    }
    #expect(
      seen == [
        "llm_requests_total": ["c model,provider,status"],
        "llm_request_duration_seconds": ["h model,provider"],
        "llm_tokens_total": ["c model,provider,type"],
        "rate_limit_hits_total": ["c endpoint"],
        "process_resident_memory_bytes": ["g instance"],
        "process_heap_bytes": ["g instance"],
        "process_cpu_user_seconds_total": ["c instance"],
        "process_cpu_system_seconds_total": ["c instance"],
        "process_uptime_seconds": ["g instance"],
        "nodejs_eventloop_lag_seconds": ["g instance"],
        "nodejs_version_info": ["g instance,version"],
      ])
  }

  @Test func `its rate is the one that is asked for, whatever the steps`() {
    for step in [0.02, 1, 7] {
      let run = run(seconds: 100, step: step)
      #expect(abs(Double(run.fleet.requests) - 5_000) <= 1)
      #expect(requests(run) == Double(run.fleet.requests))
    }
  }

  @Test func `the same run gives the same samples`() {
    let (first, second) = (run(seconds: 30), run(seconds: 30))
    #expect(first.samples.map(\.sample) == second.samples.map(\.sample))
  }

  @Test func `a provider fails for a while, so that more than 5 % of all requests do`() {
    let run = run()
    let range = run.fleet.plan.range(of: .errors)
    func share(_ range: Range<Double>) -> Double {
      requests(run, ["status": "error"], in: range) / requests(run, in: range)
    }
    #expect(share(range) > 0.08)
    #expect(share(0..<range.lowerBound) < 0.02)
    #expect(share(range.upperBound..<300) < 0.02)
    let bad = ["provider": "openai", "status": "error"]
    #expect(
      requests(run, bad, in: range) > 0.9 * requests(run, ["status": "error"], in: range))
  }

  @Test func `a provider is slow for a while, so that its p95 is above 5 s`() {
    let run = run()
    func p95(_ provider: String, _ range: Range<Double>) -> Double {
      let seconds = run.samples.compactMap { entry -> Double? in
        guard case .observe(let seconds) = entry.sample.value, range.contains(entry.time),
          entry.sample.series.labels.contains(where: { $0.value == provider })
        else { return nil }
        return seconds
      }.sorted()
      return seconds[seconds.count * 95 / 100]
    }
    let range = run.fleet.plan.range(of: .slow)
    #expect(p95("anthropic", range) > 7)
    #expect(p95("anthropic", 0..<range.lowerBound) < 4)
    #expect(p95("anthropic", range.upperBound..<300) < 4)
    #expect(p95("openai", range) < 4)
  }

  @Test func `an endpoint has more than 10 hits of its rate limit a second for a while`() {
    let run = run()
    let range = run.fleet.plan.range(of: .rateLimits)
    let hits = run.samples.count {
      $0.sample.series
        == GatewaySample("rate_limit_hits_total", ["endpoint": "/v1/chat"], .count(1))
        .series && range.contains($0.time)
    }
    #expect(Double(hits) / (range.upperBound - range.lowerBound) > 15)
  }

  @Test func `an instance runs out of memory, dies, and is replaced`() throws {
    let run = run(perSecond: 2, seconds: 3_600, step: 1)
    let died = run.fleet.plan.range(of: .leak).upperBound
    let replaced = run.fleet.plan.range(of: .absence).upperBound
    let memory = run.samples.filter {
      $0.instance == 1 && $0.sample.series.name == "process_resident_memory_bytes"
    }
    func bytes(_ sample: GatewaySample) -> Double {
      if case .set(let bytes) = sample.value { bytes } else { 0 }
    }
    let high = memory.filter { bytes($0.sample) > 1_073_741_824 }.map(\.time)
    // An alert that waits for 5 minutes fires.
    #expect(try #require(high.last) - #require(high.first) > 330)
    #expect(memory.allSatisfy { $0.time < died + 1 })
    #expect(run.samples.allSatisfy { $0.instance != 1 || $0.time < died + 1 })
    #expect(run.samples.allSatisfy { $0.instance != 4 || $0.time >= replaced })
    #expect(run.fleet.instances.map(\.name) == ["gateway-2", "gateway-3", "gateway-4"])
    #expect(run.events.count == 2 * GatewayPlan.Trouble.allCases.count)
    #expect(Set(run.events.map(\.sentence)).count == run.events.count)
  }

  @Test func `each instance reports every five seconds, of no more than one core`() throws {
    let run = run(seconds: 300)
    func values(_ name: String, _ instance: Int) -> [Double] {
      run.samples.compactMap { entry in
        guard entry.instance == instance, entry.sample.series.name == name else { return nil }
        switch entry.sample.value {
        case .count(let value), .set(let value), .observe(let value): return value
        }
      }
    }
    // From 0 to 295 s, with up to a step between two.
    #expect((57...60).contains(values("process_uptime_seconds", 2).count))
    #expect(values("process_cpu_user_seconds_total", 2).allSatisfy { 0.05...1 ~= $0 })
    // A new instance begins at 0.
    #expect(values("process_uptime_seconds", 4).first == 0)
    #expect(values("process_uptime_seconds", 2).last ?? 0 > 280)
  }

  @Test func `a fleet of one has no requests while its instance is missing`() {
    let run = run(instances: 1)
    let range = run.fleet.plan.range(of: .absence)
    #expect(requests(run, in: range.lowerBound + 1..<range.upperBound - 1) == 0)
    #expect(requests(run, in: range.upperBound..<300) > 5_000)
  }

  @Test func `its lines are accepted, and mean the same as its totals in frames`() async throws {
    let run = run(seconds: 60)
    let reading = LineExplanation.Reading(Options(cores: 1), mapping: nil)
    let byText = try TestServer([])
    let byFrames = try TestServer([])
    var lines: [[UInt8]] = []
    var totals: [Int: InstanceTotals] = [:]
    for entry in run.samples {
      lines.append(entry.sample.line)
      totals[entry.instance, default: InstanceTotals()].add(entry.sample)
    }
    #expect(lines.prefix(2_000).allSatisfy { LineExplanation($0, reading).isAccepted })
    try Self.ingest(lines, into: byText)
    try Self.ingest(
      totals.map { number, totals in
        TestServer.frame(UInt64(number), 1, totals.records())
      }, into: byFrames)
    let names = Array(Set(run.samples.map(\.sample.series.name)))
    let first = PageValues(try await byText.page(.text, names))
    let second = PageValues(try await byFrames.page(.text, names))
    for name in names.flatMap({ [$0, "\($0)_bucket", "\($0)_sum", "\($0)_count"] }) {
      // Without labels they are those of this process.
      let left = first.rows(of: name).filter { !$0.labels.isEmpty }
      let right = second.rows(of: name).filter { !$0.labels.isEmpty }
      #expect(left.map(\.labels) == right.map(\.labels))
      for (left, right) in zip(left, right) {
        #expect(abs(left.value - right.value) <= 1e-9 * abs(left.value), "\(name)\(left.labels)")
      }
    }
    #expect(first.sum(of: "llm_requests_total") == Double(run.fleet.requests))
  }

  /// Each message as one datagram.
  static func ingest(_ messages: [[UInt8]], into server: TestServer) throws {
    var pipeline = server.pipeline()
    var batch = Messages()
    for message in messages { batch.append(message) }
    pipeline.ingest(batch)
  }

  @Test func `a time that is skipped has its events and reports, and no requests`() {
    var (whole, part) = (
      GatewayFleet(instances: 2, perSecond: 50, seconds: 100), [GatewayFleet.Event]()
    )
    let expected = whole.advance(to: 100) { _, _ in }
    var fleet = GatewayFleet(instances: 2, perSecond: 50, seconds: 100)
    var names: Set<String> = []
    part += fleet.advance(to: 1) { _, _ in }
    part += fleet.skip(to: 99) { names.insert($1.series.name) }
    #expect(fleet.requests == 50)
    #expect(fleet.requestsSkipped == 4_900)
    #expect(names.contains("process_heap_bytes") && !names.contains("llm_requests_total"))
    // It does not go back.
    part += fleet.skip(to: 50) { _, _ in }
    part += fleet.advance(to: 100) { _, _ in }
    #expect(part == expected)
    #expect(fleet.requests == 100)
  }
}

/// One wave of what the instances of an LLM gateway send, and what it adds up to.
///
/// Durations are whole eighths of a second and everything else is whole, so that every sum is exact.
struct GatewayTraffic {
  static let models = [
    (provider: "openai", model: "gpt-4o"), (provider: "openai", model: "o3"),
    (provider: "anthropic", model: "sonnet"), (provider: "mistral", model: "large"),
  ]
  static let gibibyte = 1_073_741_824.0

  /// By instance.
  private(set) var lines: [[String]] = []
  /// Requests by provider and status.
  private(set) var requests: [String: [String: Double]] = [:]
  /// Every duration by provider.
  private(set) var durations: [String: [Double]] = [:]
  /// Tokens by provider and model.
  private(set) var tokens: [[String]: Double] = [:]
  /// Hits by endpoint.
  private(set) var hits: [String: Double] = [:]
  /// Resident memory by instance.
  private(set) var memory: [String: Double] = [:]

  init(instances: Int) {
    lines = Array(repeating: [], count: instances)
    for instance in 0..<instances {
      for (index, model) in Self.models.enumerated() {
        for number in 0..<20 { request(number, instance, index, model) }
      }
      let hits = instance % 2 == 0 ? ("/v1/chat", 1_000) : ("/v1/embeddings", 100)
      send("rate_limit_hits_total:\(hits.1)|c|#endpoint:\(hits.0)", from: instance)
      self.hits[hits.0, default: 0] += Double(hits.1)
      report(instance)
    }
  }

  private mutating func send(_ line: String, from instance: Int) {
    lines[instance].append(line)
  }

  /// One request: its outcome, its duration and its tokens.
  private mutating func request(
    _ number: Int, _ instance: Int, _ index: Int, _ model: (provider: String, model: String)
  ) {
    // Providers differ in their share of errors and in their slowness; some calls take minutes.
    let status = (number + instance) % (4 + index) == 0 ? "error" : "ok"
    let eighths = 1 + (number * 37 + instance * 101 + index * 13) % (40 << (2 * index))
    let duration = Double(eighths) / 8
    let tags = "#provider:\(model.provider),model:\(model.model)"
    send("llm_requests_total:1|c|\(tags),status:\(status)", from: instance)
    send("llm_request_duration_seconds:\(duration)|h|\(tags)", from: instance)
    send("llm_tokens_total:\(100 + number)|c|\(tags),type:prompt", from: instance)
    send("llm_tokens_total:\(7 * number)|c|\(tags),type:completion", from: instance)
    requests[model.provider, default: [:]][status, default: 0] += 1
    durations[model.provider, default: []].append(duration)
    tokens[[model.provider, model.model], default: 0] += Double(100 + 8 * number)
  }

  /// What every instance tells of itself.
  private mutating func report(_ instance: Int) {
    let name = "gateway-\(instance)"
    let resident = instance % 4 == 3 ? 1.5 * Self.gibibyte : 0.25 * Self.gibibyte
    memory[name] = resident
    for line in [
      "process_resident_memory_bytes:\(Int(resident))|g|#instance:\(name)",
      "process_heap_bytes:\(Int(resident / 2))|g|#instance:\(name)",
      "process_cpu_user_seconds_total:0.25|c|#instance:\(name)",
      "process_cpu_system_seconds_total:0.125|c|#instance:\(name)",
      "process_uptime_seconds:\(60 * instance)|g|#instance:\(name)",
      "nodejs_eventloop_lag_seconds:0.0\(instance % 10)|g|#instance:\(name)",
      "nodejs_version_info:1|g|#instance:\(name),version:v22.11.0",
    ] { send(line, from: instance) }
  }

  /// The quantile of a provider's durations as `histogram_quantile` defines it on buckets: linear
  /// within the bucket that holds the rank, from zero in the first.
  func quantile(_ quantile: Double, provider: String) -> Double {
    let bounds = [0, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]
    let values = durations[provider] ?? []
    let rank = quantile * Double(values.count)
    for (lower, upper) in zip(bounds, bounds.dropFirst()) {
      let below = Double(values.count { $0 <= lower })
      let within = Double(values.count { $0 <= upper }) - below
      if below + within >= rank { return lower + (upper - lower) * (rank - below) / within }
    }
    return bounds[bounds.count - 1]
  }
}

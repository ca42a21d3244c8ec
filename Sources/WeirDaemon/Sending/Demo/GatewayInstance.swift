/// One simulated process of the gateway.
struct GatewayInstance {
  /// Its place among all that have run, from 1.
  let number: Int
  /// The time of its start, in seconds of the run.
  let start: Double
  /// When it reports about its process next.
  var reportAt: Double
  /// Requests since the last report.
  var requests = 0

  /// Seconds between two reports.
  static let reportInterval = 5.0
  static let version = "v22.11.0"
  /// Resident memory after the start, and what the leak adds.
  private static let memoryBytes = 280e6
  private static let leakBytes = 1_200e6

  init(number: Int, start: Double) {
    self.number = number
    self.start = start
    reportAt = start
  }

  var name: String { "gateway-\(number)" }

  /// What it says of its process.
  ///
  /// - Parameter leak: How much of the leak has happened to it, from 0 to 1.
  mutating func report(
    at time: Double, leak: Double, _ random: inout GatewayRandom
  ) -> [GatewaySample] {
    let load = Double(requests) / GatewayInstance.reportInterval
    requests = 0
    let resident =
      (GatewayInstance.memoryBytes + GatewayInstance.leakBytes * leak)
      * Double.random(in: 0.98...1.02, using: &random)
    // Garbage collection takes more time as the heap fills.
    let user = GatewayInstance.reportInterval * (0.01 + 0.004 * load + 0.3 * leak * leak)
    let lag = random.logNormal(median: 0.002 + 0.15 * leak * leak * leak, sigma: 0.4)
    return [
      GatewaySample(
        "process_resident_memory_bytes", ["instance": name], .set(resident.rounded())),
      GatewaySample(
        "process_heap_bytes", ["instance": name], .set((resident * 0.6).rounded())),
      GatewaySample(
        "process_cpu_user_seconds_total", ["instance": name], .count(millis(user))),
      GatewaySample(
        "process_cpu_system_seconds_total", ["instance": name], .count(millis(user * 0.25))),
      GatewaySample("process_uptime_seconds", ["instance": name], .set((time - start).rounded())),
      GatewaySample("nodejs_eventloop_lag_seconds", ["instance": name], .set(micros(lag))),
      GatewaySample(
        "nodejs_version_info", ["instance": name, "version": GatewayInstance.version], .set(1)),
    ]
  }

  private func millis(_ seconds: Double) -> Double { (seconds * 1_000).rounded() / 1_000 }
  private func micros(_ seconds: Double) -> Double { (seconds * 1_000_000).rounded() / 1_000_000 }
}

import Glibc
import WeirAggregation
import WeirBytes
import WeirCloudWatch
import WeirConfiguration
import WeirCurl
import WeirExposition

@testable import WeirDaemon

/// A CloudWatch that answers as it is told.
final class FakeCloudWatch: CloudWatchExchange, Sendable {
  enum Reply: Sendable {
    case status(Int, String = "")
    case body(Int, String)
    case silence(arrived: Bool)
  }

  struct State: Sendable {
    var replies: [Reply] = []
    /// The texts of requests.
    var bodies: [String] = []
    var credentials = 0
    var failure: String?
    var lifetimeSeconds: Double?
  }

  let state = Locked(State())

  func send(
    _ body: [UInt8], isPacked: Bool, _ credentials: AWSCredentials, milliseconds: Int,
    hasEnded: @escaping @Sendable () -> Bool
  ) throws(CurlConnection.Failure) -> CurlConnection.Answer {
    let reply = state.withLock { state in
      state.bodies.append(String(decoding: body, as: UTF8.self))
      return state.replies.isEmpty ? .status(200) : state.replies.removeFirst()
    }
    switch reply {
    case .status(let status, let code):
      return .init(status: status, text: code.isEmpty ? "" : "<Code>\(code)</Code>")
    case .body(let status, let text): return .init(status: status, text: text)
    case .silence(let arrived):
      throw CurlConnection.Failure("Timeout was reached", mayHaveArrived: arrived)
    }
  }

  func findCredentials(
    hasEnded: @escaping @Sendable () -> Bool
  ) throws(AWSFailure) -> AWSCredentials {
    let found = state.withLock { state in
      state.credentials += 1
      return (state.credentials, state.failure, state.lifetimeSeconds)
    }
    if let failure = found.1 { throw AWSFailure(failure) }
    return AWSCredentials(
      accessKey: "AK\(found.0)", secretKey: "SECRET", sessionToken: nil,
      expiresAt: found.2.map { Double(PipelineHarness.time.tv_sec) + $0 }, source: "a test")
  }

  func reply(_ replies: Reply...) { state.withLock { $0.replies = replies } }
  var bodies: [String] { state.withLock { $0.bodies } }
  /// The values of the last request's metrics, by name.
  var last: [String: String] {
    var fields: [String: String] = [:]
    for part in (bodies.last ?? "").split(separator: "&") {
      let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
      if pair.count == 2 { fields[pair[0]] = pair[1] }
    }
    var values: [String: String] = [:]
    var index = 1
    while let name = fields["MetricData.member.\(index).MetricName"] {
      values[name] = fields["MetricData.member.\(index).Value"] ?? "values"
      index += 1
    }
    return values
  }
}

/// What is read, and who pushes it.
final class CloudWatchSetup: Sendable {
  let fake = FakeCloudWatch()
  let meter = CloudWatchMeter()
  let ledger: CloudWatchLedger
  let shared = ShownCounters()
  let pusher: CloudWatchPusher

  /// - Parameter wait: Called before a request is tried again, besides being noted.
  init(
    log: Log = Log(level: .error, format: .logfmt), metricsMax: Int = 500,
    interval: Duration = .seconds(60), wait: @escaping @Sendable () async -> Void = {}
  ) {
    let ledger = CloudWatchLedger()
    let (shared, fake) = (shared, fake)
    self.ledger = ledger
    pusher = CloudWatchPusher(
      .init(namespace: "N", metricsMax: metricsMax, interval: interval),
      .init(
        aggregator: Aggregator(shards: 1), ledger: ledger, meter: meter,
        families: { shared.families }, commit: { shared.commit() },
        wallClock: { PipelineHarness.time }, log: log),
      wait: {
        shared.wait($0)
        await wait()
      }, makeExchange: { fake })
  }
}

/// The counters that are shown, by name.
final class ShownCounters: Sendable {
  struct State: Sendable {
    var values: [String: Double] = [:]
    var gauges: [String: Double] = [:]
    var start: UInt32 = 1
    var commits = 0
    var waits: [Duration] = []
  }

  let state = Locked(State())

  var families: ShownFamilies {
    state.withLock { state in
      var shown = ShownFamilies()
      shown.startUnixSeconds = state.start
      shown.own = state.values.sorted { $0.key < $1.key }
        .map { OwnFamily($0.key, .counter, "", $0.value) }
      shown.own += state.gauges.map { OwnFamily($0.key, .gauge, "", $0.value) }
      return shown
    }
  }

  func commit() { state.withLock { $0.commits += 1 } }
  func wait(_ duration: Duration) { state.withLock { $0.waits.append(duration) } }
  func set(_ values: [String: Double], start: UInt32 = 1) {
    state.withLock {
      $0.values = values
      $0.start = start
    }
  }
}

import Glibc
import Testing
import WeirAggregation
import WeirBytes
import WeirCloudWatch
import WeirConfiguration
import WeirCurl
import WeirExposition

@testable import WeirDaemon

@Suite struct CloudWatchPusherTests {
  /// A CloudWatch that answers as it is told.
  private final class Fake: CloudWatchExchange, Sendable {
    enum Reply: Sendable {
      case status(Int, String = "")
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
      _ body: [UInt8], isPacked: Bool, _ credentials: AWSCredentials, milliseconds: Int
    ) throws(CurlConnection.Failure) -> CurlConnection.Answer {
      let reply = state.withLock { state in
        state.bodies.append(String(decoding: body, as: UTF8.self))
        return state.replies.isEmpty ? .status(200) : state.replies.removeFirst()
      }
      switch reply {
      case .status(let status, let code):
        return .init(status: status, text: code.isEmpty ? "" : "<Code>\(code)</Code>")
      case .silence(let arrived):
        throw CurlConnection.Failure("Timeout was reached", mayHaveArrived: arrived)
      }
    }

    func findCredentials() throws(AWSFailure) -> AWSCredentials {
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
  private final class Setup: Sendable {
    let fake = Fake()
    let meter = CloudWatchMeter()
    let ledger: CloudWatchLedger
    let shared = Holder()
    let pusher: CloudWatchPusher

    init(log: Log = Log(level: .error, format: .logfmt), metricsMax: Int = 500) {
      let ledger = CloudWatchLedger(included: ["*"])
      let (shared, fake) = (shared, fake)
      self.ledger = ledger
      pusher = CloudWatchPusher(
        .init(namespace: "N", metricsMax: metricsMax),
        .init(
          aggregator: Aggregator(shards: 1), ledger: ledger, meter: meter,
          families: { shared.families }, commit: { shared.commit() },
          wallClock: { PipelineHarness.time }, log: log),
        wait: { shared.wait($0) }, makeExchange: { fake })
    }
  }

  /// The counters that are shown, by name.
  private final class Holder: Sendable {
    struct State: Sendable {
      var values: [String: Double] = [:]
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

  @Test func `what is there at the start is not pushed, and then what was gained`() async {
    let setup = Setup()
    setup.shared.set(["a_total": 100])
    await setup.pusher.begin()
    await setup.pusher.push()
    #expect(setup.fake.bodies.isEmpty)
    setup.shared.set(["a_total": 103, "b_total": 2])
    await setup.pusher.push()
    #expect(setup.fake.last == ["a_total": "3.0", "b_total": "2.0"])
    setup.shared.set(["a_total": 103, "b_total": 7])
    await setup.pusher.push()
    #expect(setup.fake.last == ["b_total": "5.0"])
    #expect(setup.meter.reading.requests == 2)
    #expect(setup.meter.reading.metrics == 3)
    #expect(setup.meter.reading.metricsInUse == 2)
    #expect(setup.shared.state.withLock { $0.commits } == 2)
  }

  @Test func `an outage loses nothing`() async {
    let setup = Setup()
    await setup.pusher.begin()
    setup.shared.set(["a_total": 5])
    setup.fake.reply(.status(503), .status(400, "Throttling"), .status(429))
    await setup.pusher.push()
    #expect(setup.fake.bodies.count == CloudWatchPusher.attemptsMax)
    let waits = setup.shared.state.withLock { $0.waits }
    #expect(waits.count == 2)
    #expect((Duration.milliseconds(100)...Duration.milliseconds(1_000)).contains(waits[0]))
    #expect((Duration.milliseconds(200)...Duration.milliseconds(2_000)).contains(waits[1]))
    setup.shared.set(["a_total": 8])
    await setup.pusher.push()
    #expect(setup.fake.last == ["a_total": "8.0"])
    #expect(setup.meter.reading.faults == [.unavailable: 3])
    #expect(setup.meter.reading.uncertain == 0)
  }

  @Test func `an answer that never came is counted, and the request is sent again`() async {
    let setup = Setup()
    await setup.pusher.begin()
    setup.shared.set(["a_total": 5])
    setup.fake.reply(.silence(arrived: false), .silence(arrived: true))
    await setup.pusher.push()
    #expect(setup.fake.bodies.count == 3)
    #expect(Set(setup.fake.bodies).count == 1)
    #expect(setup.meter.reading.uncertain == 1)
    #expect(setup.meter.reading.requests == 1)
    await setup.pusher.push()
    #expect(setup.fake.bodies.count == 3)
  }

  @Test func `a series that is removed during an outage is pushed after it`() async {
    let setup = Setup()
    await setup.pusher.begin()
    setup.shared.set(["a_total": 5, "b_total": 1])
    setup.fake.reply(.status(500), .status(500), .status(500))
    await setup.pusher.push()
    // b is gone; a is, too, and has begun again.
    setup.shared.set(["a_total": 2], start: 2)
    await setup.pusher.push()
    #expect(setup.fake.last == ["a_total": "7.0", "b_total": "1.0"])
    setup.shared.set(["a_total": 3], start: 2)
    await setup.pusher.push()
    #expect(setup.fake.last == ["a_total": "1.0"])
    #expect(setup.ledger.contents.count == 1)
  }

  @Test func `new credentials are looked for once, then rounds are left out`() async throws {
    let captured = CapturedLog()
    let setup = Setup(log: captured.log)
    await setup.pusher.begin()
    setup.shared.set(["a_total": 5])
    setup.fake.reply(.status(403, "ExpiredToken"))
    await setup.pusher.push()
    #expect(setup.fake.state.withLock { $0.credentials } == 2)
    #expect(setup.meter.reading.requests == 1)
    setup.shared.set(["a_total": 6])
    setup.fake.reply(.status(403, "AccessDenied"), .status(403, "AccessDenied"))
    await setup.pusher.push()
    #expect(setup.fake.bodies.count == 4)
    #expect(setup.meter.reading.faults == [.credentials: 1])
    setup.fake.state.withLock { $0.failure = "there are none" }
    await setup.pusher.push()
    #expect(setup.fake.bodies.count == 4)
    setup.fake.state.withLock { $0.failure = nil }
    await setup.pusher.push()
    #expect(setup.fake.last == ["a_total": "1.0"])
    let lines = try captured.lines()
    #expect(
      lines == [
        "\"nothing can be pushed to CloudWatch; what is counted is kept\" reason=credentials "
          + "error=\"CloudWatch answered 403: AccessDenied\"",
        "\"nothing can be pushed to CloudWatch; what is counted is kept\" reason=credentials "
          + "error=\"no credentials: there are none\"",
      ])
  }

  @Test func `credentials are kept until five minutes before their end`() async {
    for (lifetime, found) in [(301.0, 1), (299.0, 2)] {
      let setup = Setup()
      setup.fake.state.withLock { $0.lifetimeSeconds = lifetime }
      setup.shared.set(["a_total": 1])
      await setup.pusher.push()
      setup.shared.set(["a_total": 2])
      await setup.pusher.push()
      #expect(setup.fake.state.withLock { $0.credentials } == found)
    }
  }

  @Test func `what is refused is dropped and said once, and the next round goes on`() async throws {
    let captured = CapturedLog()
    let setup = Setup(log: captured.log)
    await setup.pusher.begin()
    for value in 1...3 {
      setup.shared.set(["a_total": Double(value)])
      if value < 3 { setup.fake.reply(.status(400, "InvalidParameterValue")) }
      await setup.pusher.push()
    }
    #expect(setup.fake.bodies.count == 3)
    #expect(setup.fake.last == ["a_total": "1.0"])
    #expect(setup.meter.reading.metricsDropped == 2)
    #expect(
      try captured.lines() == [
        "\"CloudWatch refused metrics\" reason=refused error=\"CloudWatch answered 400: "
          + "InvalidParameterValue; 1 metrics are dropped\""
      ])
  }

  @Test func `more metrics than allowed are said with what they would cost`() async throws {
    let captured = CapturedLog()
    let setup = Setup(log: captured.log, metricsMax: 1)
    await setup.pusher.begin()
    setup.shared.set(["a_total": 1, "b_total": 1, "c_total": 1])
    await setup.pusher.push()
    await setup.pusher.push()
    #expect(setup.fake.last == ["a_total": "1.0"])
    #expect(setup.meter.reading.metricsOverLimit == 2)
    #expect(
      try captured.lines() == [
        "\"metrics are not pushed to CloudWatch because there are more than --cloudwatch.max-metrics\" "
          + "limit=1 not_pushed=2 dollars_a_month_for_all=0.90"
      ])
  }

  @Test func `at a stop each request has one attempt, within the time that is left`() async {
    let setup = Setup()
    await setup.pusher.begin()
    setup.shared.set(["a_total": 1])
    setup.fake.reply(.status(503))
    await setup.pusher.finish(by: .now + .seconds(5))
    #expect(setup.fake.bodies.count == 1)
    await setup.pusher.finish(by: .now)
    #expect(setup.fake.bodies.count == 1)
    await setup.pusher.finish(by: .now + .seconds(5))
    #expect(setup.fake.last == ["a_total": "1.0"])
  }
}

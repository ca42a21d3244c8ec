import Testing
import WeirAggregation
import WeirBytes
import WeirCloudWatch
import WeirExposition
import WeirMetrics
import WeirWire

@testable import WeirDaemon

@Suite struct CloudWatchPusherTests {
  @Test func `what is there at the start is not pushed, and then what was gained`() async {
    let setup = CloudWatchSetup()
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
    let setup = CloudWatchSetup()
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
    let setup = CloudWatchSetup()
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
    // One that can't have arrived is not counted.
    setup.shared.set(["a_total": 6])
    setup.fake.reply(.silence(arrived: false), .silence(arrived: false), .silence(arrived: false))
    await setup.pusher.push()
    #expect(setup.meter.reading.uncertain == 1)
    #expect(setup.meter.reading.faults == [.unreachable: 5])
  }

  @Test func `a series that is removed during an outage is pushed after it`() async {
    let setup = CloudWatchSetup()
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
    #expect(setup.ledger.contents.counts == (1, 0))
  }

  @Test func `what comes and goes while nothing is sent is pushed after it`() async {
    let setup = CloudWatchSetup()
    await setup.pusher.begin()
    setup.shared.set(["a_total": 5])
    setup.fake.state.withLock { $0.failure = "there are none" }
    await setup.pusher.push()
    #expect(setup.meter.reading.isFailing)
    // The next round is held: it reads, and does not even look for credentials.
    setup.fake.state.withLock { $0.failure = nil }
    setup.shared.set(["a_total": 6, "b_total": 2])
    await setup.pusher.push()
    #expect(setup.fake.bodies.isEmpty)
    #expect(setup.fake.state.withLock { $0.credentials } == 1)
    #expect(setup.meter.reading.isFailing)
    setup.shared.set(["a_total": 1], start: 2)
    await setup.pusher.push()
    #expect(setup.fake.last == ["a_total": "7.0", "b_total": "2.0"])
    #expect(!setup.meter.reading.isFailing)
    #expect(setup.ledger.contents.counts == (1, 0))
  }

  @Test func `new credentials are looked for once, then rounds are left out`() async throws {
    let captured = CapturedLog()
    let setup = CloudWatchSetup(log: captured.log)
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
    for _ in 0..<2 { await setup.pusher.push() }
    #expect(setup.meter.reading.faults == [.credentials: 2])
    #expect(setup.fake.bodies.count == 4)
    setup.fake.state.withLock { $0.failure = nil }
    for _ in 0..<3 { await setup.pusher.push() }
    #expect(setup.fake.bodies.count == 4)
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

  @Test func `rounds are held for a quarter of an hour at most`() async {
    for (interval, attempts) in [
      (Duration.seconds(60), 5), (.seconds(300), 11), (.seconds(3_600), 40),
    ] {
      let setup = CloudWatchSetup(interval: interval)
      setup.fake.state.withLock { $0.failure = "there are none" }
      setup.shared.set(["a_total": 1])
      for _ in 0..<40 { await setup.pusher.push() }
      #expect(setup.meter.reading.faults == [.credentials: attempts])
    }
  }

  @Test func `faults in turn are logged once each until there is success`() async throws {
    let captured = CapturedLog()
    let setup = CloudWatchSetup(log: captured.log)
    await setup.pusher.begin()
    for value in 1...8 {
      setup.shared.set(["a_total": Double(value)])
      let status = value % 2 == 0 ? 500 : 502
      let message = "<Code>X</Code><Message>request \(value)</Message>"
      if value != 5 {
        setup.fake.reply(
          .body(status, message), .body(status, message), .body(status, message))
      }
      await setup.pusher.push()
    }
    let nothing =
      "\"nothing can be pushed to CloudWatch; what is counted is kept\" reason=unavailable "
    func line(_ status: Int, _ number: Int) -> String {
      nothing + "error=\"CloudWatch answered \(status): X: request \(number)\""
    }
    #expect(
      try captured.lines() == [
        line(502, 1), line(500, 2), line(500, 6), line(502, 7),
      ])
  }

  @Test func `Weir's own process is not summed with those of senders`() {
    let aggregator = Aggregator()
    var router = SampleRouter(aggregator: aggregator, reader: StatsDIdentityReader())
    var batch = SampleBatch()
    let bytes = Array("process_a_bytes:3|g|#i:1\nprocess_a_bytes:4|g|#i:2".utf8)
    StatsDDecoder().decode(bytes.span, from: 0, to: bytes.count, into: &batch)
    router.apply(&batch, bytes: bytes.span)
    var catalog = Catalog()
    catalog.update(from: aggregator)
    var shown = ShownFamilies()
    shown.received = catalog.families
    shown.own = ["process_a_bytes", "process_b_bytes"].map { OwnFamily($0, .gauge, "", 7) }
    var seen: [String] = []
    shown.forEachSeries(in: aggregator) {
      seen.append(String(decoding: $0.spelling, as: UTF8.self))
    }
    #expect(
      seen.sorted() == ["process_a_bytes{i=\"1\"}", "process_a_bytes{i=\"2\"}", "process_b_bytes"])
  }

  @Test func `credentials are kept until five minutes before their end`() async {
    for (lifetime, found) in [(301.0, 1), (299.0, 2)] {
      let setup = CloudWatchSetup()
      setup.fake.state.withLock { $0.lifetimeSeconds = lifetime }
      setup.shared.set(["a_total": 1])
      await setup.pusher.push()
      setup.shared.set(["a_total": 2])
      await setup.pusher.push()
      #expect(setup.fake.state.withLock { $0.credentials } == found)
    }
  }

  @Test func `refused metrics are dropped and logged once, and the next round is pushed`()
    async throws
  {
    let captured = CapturedLog()
    let setup = CloudWatchSetup(log: captured.log)
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
          + "InvalidParameterValue; a_total is dropped\""
      ])
  }

  @Test func `metrics that can't be pushed are counted each round, and named once`() async throws {
    let captured = CapturedLog()
    let setup = CloudWatchSetup(log: captured.log)
    await setup.pusher.begin()
    let long = String(repeating: "n", count: 300)
    setup.shared.set(["a_total": 1, "huge_total": 0x1p361, long: 1])
    await setup.pusher.push()
    setup.shared.set(["a_total": 2, "huge_total": 0x1p362, long: 2])
    await setup.pusher.push()
    #expect(setup.fake.last == ["a_total": "1.0"])
    #expect(setup.meter.reading.metricsDropped == 4)
    #expect(
      try captured.lines() == [
        "\"metrics are not pushed, because CloudWatch can't take their name, value or second type\" "
          + "metrics=2 names=\"huge_total \(long.prefix(100))\""
      ])
  }

  @Test func `more metrics than allowed are said with what they would cost`() async throws {
    let captured = CapturedLog()
    let setup = CloudWatchSetup(log: captured.log, metricsMax: 1)
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
    let setup = CloudWatchSetup()
    await setup.pusher.begin()
    setup.shared.set(["a_total": 1])
    setup.fake.reply(.status(503))
    setup.pusher.stop(by: .now + .seconds(600))
    await setup.pusher.finish()
    #expect(setup.fake.bodies.count == 1)
    setup.pusher.stop(by: .now)
    await setup.pusher.finish()
    #expect(setup.fake.bodies.count == 1)
    setup.pusher.stop(by: .now + .seconds(600))
    await setup.pusher.finish()
    #expect(setup.fake.last == ["a_total": "1.0"])
  }
}

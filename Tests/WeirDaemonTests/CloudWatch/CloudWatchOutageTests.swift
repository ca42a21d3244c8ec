import Testing
import WeirBytes
import WeirCloudWatch
import WeirConfiguration

@testable import WeirDaemon

/// What becomes of rounds that fail, and of those after them.
@Suite struct CloudWatchOutageTests {
  private static let many = Dictionary(
    uniqueKeysWithValues: (0..<1_500).map { ("a\($0)_total", 1.0) })

  @Test func `after a request without success no other is sent, and all are sent later`() async {
    let setup = CloudWatchSetup(metricsMax: 5_000)
    await setup.pusher.begin()
    setup.shared.set(Self.many)
    setup.fake.reply(.status(503), .status(503), .status(503))
    await setup.pusher.push()
    #expect(setup.fake.bodies.count == 3)
    // They are gone, so that only what was read before can be pushed.
    setup.shared.set([:])
    await setup.pusher.push()
    #expect(setup.fake.bodies.count == 5)
    #expect(setup.meter.reading.metrics == 1_500)
    #expect(setup.meter.reading.requests == 2)
    await setup.pusher.push()
    #expect(setup.fake.bodies.count == 5)
  }

  @Test func `what is over the limit is not pushed when there is room`() async {
    let setup = CloudWatchSetup(metricsMax: 1)
    await setup.pusher.begin()
    setup.shared.set(["a_total": 1, "b_total": 5])
    await setup.pusher.push()
    setup.shared.set(["b_total": 7])
    await setup.pusher.push()
    #expect(setup.fake.bodies.count == 1)
    setup.shared.set(["b_total": 9])
    await setup.pusher.push()
    #expect(setup.fake.last == ["b_total": "2.0"])
  }

  @Test func `looking for new credentials is no attempt`() async {
    let setup = CloudWatchSetup()
    await setup.pusher.begin()
    setup.shared.set(["a_total": 1])
    setup.fake.reply(.status(403, "ExpiredToken"), .status(503), .status(503))
    await setup.pusher.push()
    #expect(setup.fake.bodies.count == 4)
    #expect(setup.meter.reading.requests == 1)
  }

  @Test(
    arguments: [(1.0, 2, [:]), (0.0, 1, [.credentials: 1])]
      as [(Double, Int, [CloudWatchMeter.Fault: Int])])
  func `credentials near their end are used if there are no others, until their end`(
    lifetimeSeconds: Double, requests: Int, faults: [CloudWatchMeter.Fault: Int]
  ) async {
    let setup = CloudWatchSetup()
    setup.fake.state.withLock { $0.lifetimeSeconds = lifetimeSeconds }
    await setup.pusher.begin()
    setup.shared.set(["a_total": 1])
    await setup.pusher.push()
    setup.fake.state.withLock { $0.failure = "the service is down" }
    setup.shared.set(["a_total": 2])
    await setup.pusher.push()
    #expect(setup.meter.reading.requests == requests)
    #expect(setup.meter.reading.faults == faults)
  }

  @Test func `the last push waits for a round that is under way`() async {
    let stopping = Locked<Task<Void, Never>?>(nil)
    let pusher = Locked<CloudWatchPusher?>(nil)
    let setup = CloudWatchSetup {
      let pusher = pusher.withLock { $0 }
      let task = Task { () -> Void in
        pusher?.stop(by: .now + .seconds(60))
        await pusher?.finish()
      }
      stopping.withLock { $0 = task }
      // Nothing tells that it waits. This is long enough for one that does not.
      try? await Task.sleep(for: .milliseconds(200))
    }
    pusher.withLock { $0 = setup.pusher }
    await setup.pusher.begin()
    setup.shared.set(["a_total": 1])
    setup.fake.reply(.status(503))
    await setup.pusher.push()
    await stopping.withLock { $0 }?.value
    #expect(setup.fake.bodies.count == 2)
    #expect(setup.meter.reading.requests == 1)
  }

  @Test func `a fault is said again after a success, and the success once`() async throws {
    let captured = CapturedLog()
    let setup = CloudWatchSetup(log: captured.log(.info))
    for value in [1.0, 2, 3, 4] {
      setup.shared.set(["a_total": value])
      if value == 1 || value == 4 {
        setup.fake.reply(.status(503), .status(503), .status(503))
      }
      await setup.pusher.push()
    }
    let fault =
      "\"nothing can be pushed to CloudWatch; what is counted is kept\" reason=unavailable "
      + "error=\"CloudWatch answered 503\""
    #expect(
      try captured.lines() == [fault, "\"pushing to CloudWatch again\"", fault])
  }

  @Test func `a round with nothing to push says nothing about CloudWatch`() async throws {
    let captured = CapturedLog()
    let setup = CloudWatchSetup(log: captured.log(.info))
    setup.shared.state.withLock { $0.gauges = ["g": 1] }
    setup.fake.reply(.status(503), .status(503), .status(503))
    await setup.pusher.push()
    // What a gauge was is not pushed later.
    setup.shared.state.withLock { $0.gauges = [:] }
    await setup.pusher.push()
    #expect(setup.fake.bodies.count == 3)
    #expect(try captured.lines().count == 1)
  }
}

import Testing
import WeirConfiguration

@testable import WeirDaemon

@Suite struct ReplayClockTests {
  private let start = ContinuousClock.now

  @Test(arguments: [(1.0, 2_000), (10, 200), (0.5, 4_000)])
  func `a datagram is due after its time, divided by the speed`(speed: Double, milliseconds: Int) {
    var clock = ReplayClock(.factor(speed))
    #expect(clock.due(5_000_000_000, now: start) == start)
    #expect(clock.due(7_000_000_000) == start + .milliseconds(milliseconds))
    #expect(clock.due(5_000_000_000) == start)
  }

  @Test func `one that is earlier than the first is due at once, and one of far away in a century`()
  {
    var clock = ReplayClock(.factor(0.000_001))
    #expect(clock.due(5_000_000_000, now: start) == start)
    #expect(clock.due(1) == start)
    let far = clock.due(.max) ?? start
    #expect(far - start > .seconds(86_400 * 365 * 90))
  }

  @Test func `at full speed nothing waits`() {
    var clock = ReplayClock(.max)
    #expect(clock.due(5) == nil && clock.due(7_000_000_000) == nil)
  }
}

import Testing
import WeirInsight

@Suite("The wall clock of the history")
struct WallClockTests {
  @Test("does not move with small differences")
  func steady() {
    var clock = WallClock(wallSeconds: 1_000.5, uptimeSeconds: 0.5)
    #expect(clock.startMilliseconds == 1_000_000)
    clock.update(wallSeconds: 1_060.999, uptimeSeconds: 60)
    clock.update(wallSeconds: 1_119.001, uptimeSeconds: 120)
    #expect(clock.startMilliseconds == 1_000_000)
    #expect(clock.sinceStart(1_120_000) == 120_000)
  }

  @Test("follows a clock that is set, and does not take times of before for times of now")
  func set() {
    var clock = WallClock(wallSeconds: 1_000, uptimeSeconds: 0)
    clock.update(wallSeconds: 4_700, uptimeSeconds: 100)
    #expect(clock.startMilliseconds == 4_600_000)
    #expect(clock.sinceStart(1_099_000) == nil)
    #expect(clock.sinceStart(4_699_999) == nil)
    #expect(clock.sinceStart(4_700_000) == 100_000)
    clock.update(wallSeconds: 1_200, uptimeSeconds: 200)
    #expect(clock.startMilliseconds == 1_000_000)
    #expect(clock.sinceStart(1_200_000) == 200_000)
  }
}

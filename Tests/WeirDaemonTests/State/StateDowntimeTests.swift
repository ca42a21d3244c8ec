import Testing

@testable import WeirDaemon

@Suite("The time without Weir")
struct StateDowntimeTests {
  private static let boot = [UInt8](1...16)
  private static let year: UInt64 = 365 * 86_400_000

  private func clock(_ wall: UInt64, _ boot: UInt64, _ id: [UInt8] = StateDowntimeTests.boot)
    -> StateClock
  {
    StateClock(wallMilliseconds: wall, bootMilliseconds: boot, bootID: id)
  }

  @Test("is measured by the clock that nobody sets, within one boot")
  func sameBoot() {
    let last = clock(1_000_000, 5_000)
    #expect(StateDowntime(since: last, until: clock(0, 7_500)) == .lasted(milliseconds: 2_500))
    #expect(StateDowntime(since: last, until: clock(0, 4_000)) == .lasted(milliseconds: 0))
    #expect(
      StateDowntime(since: last, until: clock(0, 3_999))
        == .unknown("the last commit is 1 s in the future; the clock was set back since"))
  }

  @Test("is measured by the time of day over a boot, or where boots have no name")
  func otherBoot() {
    for id in [[UInt8](repeating: 9, count: 16), StateClock.unknownBoot] {
      let last = clock(1_000_000, 5_000, id == StateClock.unknownBoot ? id : Self.boot)
      #expect(
        StateDowntime(since: last, until: clock(1_060_000, 20, id)) == .lasted(milliseconds: 60_000)
      )
      #expect(
        StateDowntime(since: last, until: clock(999_000, 20, id)) == .lasted(milliseconds: 0))
      #expect(
        StateDowntime(since: last, until: clock(400_000, 20, id))
          == .unknown("the last commit is 600 s in the future; the clock was set back since"))
    }
  }

  @Test("of more than ten years is a wrong clock")
  func years() {
    let last = clock(0, 0)
    let next = [UInt8](repeating: 9, count: 16)
    #expect(
      StateDowntime(since: last, until: clock(10 * Self.year, 0, next))
        == .lasted(milliseconds: 10 * Self.year))
    let sentence =
      "the last commit is more than 10 years ago; the clock was wrong then, or is now"
    #expect(
      StateDowntime(since: last, until: clock(10 * Self.year + 1, 0, next)) == .unknown(sentence))
    #expect(
      StateDowntime(since: last, until: clock(.max, .max, next)) == .unknown(sentence))
    #expect(
      StateDowntime(since: clock(.max, .max), until: clock(1, 1))
        == .unknown(
          "the last commit is \((Int64.max - 1) / 1_000) s in the future; the clock was set back since"
        ))
  }

  @Test("a boot's name is 32 hexadecimal digits")
  func bootIDs() {
    #expect(
      StateClock.bootID("01020304-0506-0708-090a-0b0c0d0e0f10\n") == Self.boot)
    for wrong in ["", "01020304", "0102030405060708090a0b0c0d0e0fgg", "-"] {
      #expect(StateClock.bootID(wrong) == StateClock.unknownBoot)
    }
    #expect(BootID.read() == BootID.read() && BootID.read() != StateClock.unknownBoot)
  }
}

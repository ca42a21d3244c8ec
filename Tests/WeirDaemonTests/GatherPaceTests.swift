import Testing

@testable import WeirDaemon

@Suite("Gathering")
struct GatherPaceTests {
  private static let millisecond: UInt64 = 1_000_000

  private func pace(milliseconds: UInt64 = 10) -> GatherPace {
    GatherPace(
      longestNanoseconds: milliseconds * Self.millisecond, bufferBytes: 64 << 20)
  }

  @Test("waits for events while few datagrams arrive")
  func few() {
    var pace = pace()
    for turn in 1...100 {
      #expect(pace.turnEnded(datagrams: 1, now: UInt64(turn) * 5 * Self.millisecond) == .event)
    }
  }

  @Test("begins with enough datagrams in the time of a tick, in one receive or several")
  func begins() {
    var burst = pace()
    #expect(burst.turnEnded(datagrams: 4, now: 100 * Self.millisecond) == .tick)
    var stream = pace()
    for turn in 0..<3 {
      #expect(
        stream.turnEnded(datagrams: 1, now: (100 + UInt64(turn)) * Self.millisecond) == .event)
    }
    #expect(stream.turnEnded(datagrams: 1, now: 103 * Self.millisecond) == .tick)
  }

  @Test("continues while ticks find enough, and ends with the first that does not")
  func ends() {
    var pace = pace()
    var now = 100 * Self.millisecond
    #expect(pace.turnEnded(datagrams: 64, now: now) == .tick)
    for _ in 0..<50 {
      now += 10 * Self.millisecond
      #expect(pace.turnEnded(datagrams: 2, now: now) == .tick)
    }
    now += 10 * Self.millisecond
    #expect(pace.turnEnded(datagrams: 1, now: now) == .event)
    #expect(pace.turnEnded(datagrams: 1, now: now + 1) == .event)
  }

  @Test("never begins when it is off")
  func off() {
    var pace = pace(milliseconds: 0)
    for now in 0..<1_000 { #expect(pace.turnEnded(datagrams: 64, now: UInt64(now)) == .event) }
  }

  @Test(
    "has ticks so frequent that a flood cannot fill the buffer between two",
    arguments: [
      // 16 MiB granted are 32 MiB as the kernel counts; half of it is 26 ms of a flood.
      (16 << 20, 10_000_000), (4 << 20, 6_553_600), (212_992, 332_800), (0, 0),
    ])
  func buffer(bytes: Int, nanoseconds: UInt64) {
    let pace = GatherPace(longestNanoseconds: 10 * Self.millisecond, bufferBytes: bytes)
    #expect(pace.tickNanoseconds == nanoseconds)
  }
}

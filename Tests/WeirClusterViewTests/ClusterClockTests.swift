import Testing

@testable import WeirClusterView

struct ClusterClockTests {
  @Test func `it counts what passes between messages`() {
    var clock = ClusterClock()
    let steps: [(message: UInt64, milliseconds: UInt64)] = [
      (1_000_700, 0), (1_001_700, 1_000), (1_001_700, 1_000), (1_000_000, 1_000),
      (1_000_500, 1_500), (4_600_500, 61_500), (4_601_500, 62_500), (1_002_000, 62_500),
      (1_003_000, 63_500), (1_063_001, 123_500),
    ]
    for (message, milliseconds) in steps {
      clock.advance(toMessage: message)
      #expect(clock.milliseconds == milliseconds, "after \(message)")
      #expect(clock.lastMessageMilliseconds == message)
    }
    #expect(clock.second == 123)
    #expect(clock.unixSeconds == 1_000 + 123)
  }
}

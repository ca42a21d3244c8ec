import Testing

@testable import WeirDaemon

@Suite("The seconds that Weir runs")
struct RunningSecondsTests {
  private let start = ContinuousClock.now

  /// The counts after each of these waits.
  private func counts(_ waits: [Duration]) -> [UInt32] {
    var seconds = RunningSeconds(from: start)
    var now = start
    return waits.map { wait in
      now += wait
      return seconds.count(until: now)
    }
  }

  @Test("are the seconds that passed, and no part of one is lost or counted twice")
  func regular() {
    #expect(counts([.zero, .milliseconds(999), .milliseconds(1)]) == [0, 0, 1])
    #expect(counts(Array(repeating: .milliseconds(1_001), count: 3_000)).last == 3_003)
    #expect(counts(Array(repeating: .milliseconds(700), count: 1_000)).last == 700)
    #expect(counts([.milliseconds(1_900), .milliseconds(1_900), .milliseconds(200)]) == [1, 3, 4])
  }

  @Test("never go back, and do not count a pause", arguments: [3, 60, 86_400, 10_000_000_000])
  func pause(seconds: Int) {
    #expect(
      counts([.seconds(1), .seconds(seconds), .seconds(1), .seconds(-5), .seconds(6)])
        == [1, 3, 4, 4, 5])
  }
}

import Testing
import WeirInsight

@Suite("The pace of a limit")
struct PulsePaceTests {
  @Test("is known a minute after the first series have come, and not before")
  func begins() throws {
    var history = PulseHistory()
    var known: [Int] = []
    for second in 1...400 {
      var pulse = Pulse()
      pulse.uptimeSeconds = Double(second)
      pulse.limits = [Pulse.Limit(limit: "series", used: Double(second), max: 10_000)]
      history.add(pulse)
      if let left = history.fullIn(0) {
        known.append(second)
        #expect(abs(left - Double(10_000 - second)) < 0.001)
      }
    }
    // Marks are made each minute; the first one that counts is of the third minute.
    let first = try #require(known.first)
    #expect((180...241).contains(first), "\(first)")
    #expect(known == Array(first...400))
  }
}

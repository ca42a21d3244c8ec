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

  @Test("is not told where it says nothing: beyond 30 days, and of what comes and goes")
  func meaningless() {
    func fullIn(max: Double, comesAndGoes: Bool = false) -> Double? {
      var history = PulseHistory()
      for second in 1...400 {
        var pulse = Pulse()
        pulse.uptimeSeconds = Double(second)
        var limit = Pulse.Limit(limit: "any", used: Double(second), max: max)
        limit.comesAndGoes = comesAndGoes
        pulse.limits = [limit]
        history.add(pulse)
      }
      return history.fullIn(0)
    }
    let days = 30.0 * 86_400
    #expect(fullIn(max: days) != nil)
    #expect(fullIn(max: days + 401) == nil)
    #expect(fullIn(max: 1_000) != nil)
    #expect(fullIn(max: 1_000, comesAndGoes: true) == nil)
  }
}

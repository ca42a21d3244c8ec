import Testing
import WeirMetrics

@testable import WeirAggregation

@Suite("Pushed sets")
struct PushSetTests {
  private let aggregator = Aggregator(rules: .all(sets: SetOptions(windowSeconds: 300)))
  private let owners: Owners

  init() {
    owners = Owners(aggregator: aggregator)
  }

  private func frame(_ sequence: UInt64, _ value: PushedRecord.Value, ends: Int64?) -> Pushed {
    Pushed(sequence: sequence, records: [PushedRecord("s", value, time: ends)])
  }

  private var count: Double? { Contents(aggregator).values[.set]?["s"] }

  @Test("drop members of an ended step one window after its end, even if the step is repeated")
  func endedSteps() throws {
    var ingest = PushIngest(owners)
    aggregator.expire(atSecond: 1_000)
    try ingest.apply(frame(1, .members([1, 2, 3]), ends: 10_000))
    #expect(count == 3)
    // The step has ended; its last repeat brings a member that had been lost.
    aggregator.expire(atSecond: 1_060)
    try ingest.apply(frame(2, .members([1, 2, 3, 4]), ends: -50_000))
    #expect(count == 4)
    aggregator.expire(atSecond: 1_260)
    try ingest.apply(frame(3, .members([1, 2, 3, 4]), ends: -250_000))
    #expect(count == 0)
    aggregator.expire(atSecond: 1_400)
    try ingest.apply(frame(4, .members([5]), ends: -390_000))
    #expect(count == 0)
    try ingest.apply(frame(5, .members([6]), ends: -1))
    #expect(count == 1)
  }

  @Test("keep what a client without steps repeats for as long as it does")
  func withoutSteps() throws {
    var ingest = PushIngest(owners)
    for sequence in 1...10 as ClosedRange<UInt64> {
      aggregator.expire(atSecond: UInt32(sequence) * 100)
      try ingest.apply(frame(sequence, .members([1, 2]), ends: nil))
      #expect(count == 2)
    }
    aggregator.expire(atSecond: 1_400)
    #expect(count == 0)
  }

  @Test("put a step that has just ended before the step that begins now")
  func roundedUp() throws {
    var ingest = PushIngest(owners)
    // A step of the window begins with this second.
    aggregator.expire(atSecond: 1_380)
    try ingest.apply(frame(1, .members([1]), ends: -1))
    aggregator.expire(atSecond: 1_619)
    try ingest.apply(frame(2, .members([9]), ends: -400_000))
    #expect(count == 1)
    aggregator.expire(atSecond: 1_620)
    try ingest.apply(frame(3, .members([9]), ends: -400_000))
    #expect(count == 0)
  }

  @Test("assign registers to their step, too")
  func sketches() throws {
    var ingest = PushIngest(owners)
    aggregator.expire(atSecond: 1_000)
    try ingest.apply(frame(1, .sketch([0: 1, 7: 2]), ends: -400_000))
    #expect(count?.isNaN == true)
    try ingest.apply(frame(2, .sketch([0: 1, 7: 2]), ends: 1))
    #expect(count == 2)
  }
}

import TestSupport
import Testing

@testable import WeirAggregation

@Suite("How many places a name had")
struct PlaceMarksTests {
  @Test(
    "the oldest mark is that of a model that knows every second", arguments: 0..<20 as Range<UInt64>
  )
  func model(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var marks = PlaceMarks()
    var places = 0
    var second: UInt32 = 0
    // The places before each change, by its second.
    var changes: [(second: UInt32, places: Int)] = [(0, 0)]
    for _ in 0..<300 {
      second += UInt32(Int.random(in: 0...400, using: &random))
      marks.move(toSecond: second, places: places)
      places = max(0, places + Int.random(in: -5...9, using: &random))
      changes.append((second, places))
      let now = second + UInt32(Int.random(in: 0...200, using: &random))
      let start = PlaceMarks.oldestSecond(atSecond: now, startSecond: 0)
      let expected = changes.last { $0.second < start || start == 0 && $0.second == 0 }?.places ?? 0
      #expect(marks.oldest(atSecond: now, places: places) == (start == 0 ? 0 : expected))
      #expect(now - start <= 900)
      second = now
    }
  }

  @Test("a name that has always been so has not grown")
  func restored() {
    let marks = PlaceMarks(second: 1_000, places: 7)
    #expect(marks.oldest(atSecond: 1_000, places: 7) == 7)
    #expect(marks.oldest(atSecond: 9_000, places: 7) == 7)
  }

  @Test("an aggregator tells how much names have grown")
  func growth() {
    let aggregator = Aggregator()
    let none = aggregator.growth(of: [Array("a".utf8)])
    #expect(none.places == [nil] && none.seconds == 0)
    _ = aggregator.expire(atSecond: 2_000)
    #expect(aggregator.growth(of: []).seconds <= 900)
  }
}

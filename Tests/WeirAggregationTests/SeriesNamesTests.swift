import TestSupport
import Testing

@testable import WeirAggregation

@Suite("The names of series")
struct SeriesNamesTests {
  @Test(
    "take no more than twice what is in use after a sweep", arguments: [1, 2] as [UInt64])
  func churn(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var names = SeriesNames()
    var held: [(text: [UInt8], born: UInt32, place: SpellingPlace)] = []
    for round in 0..<40_000 {
      let length = generator.oneIn(1_000) ? 4_096 : Int.random(in: 1...200, using: &generator)
      let text = [UInt8](repeating: UInt8(truncatingIfNeeded: round), count: length)
      held.append((text, UInt32(round), names.add(text[...], born: UInt32(round))))
      if held.count > 3_000 {
        let gone = held.remove(at: Int.random(in: held.indices, using: &generator))
        names.remove(gone.place)
      }
      if round % 5_000 == 4_999 {
        for index in held.indices where names.isSparse(held[index].place) {
          held[index].place = names.move(held[index].place)
        }
        #expect(names.sparseCount == 0)
        let alive = held.reduce(0) { $0 + $1.text.count + 4 }
        // A block may end early by the length of the longest name, and the open one has just begun.
        let blockBytesUsed = SeriesNames.blockBytes - 4_096
        #expect(names.blocksHeld <= 2 * alive / blockBytesUsed + 2)
        expect(names, hold: held)
      }
    }
    for name in held { names.remove(name.place) }
    #expect(names.blocksHeld == 0 && names.sparseCount == 0)
  }

  @Test("stay unchanged in blocks that a reader still holds")
  func shared() {
    var names = SeriesNames()
    let texts = (0..<3_000).map { Array("a_name_of_some_length{number=\"\($0)\"}".utf8) }
    let places = texts.map { names.add($0[...], born: 1) }
    let before = names.blocks
    for place in places { names.remove(place) }
    for text in texts.reversed() { _ = names.add(text[...], born: 2) }
    for (text, place) in zip(texts, places) where array(before.spelling(place)) != text {
      Issue.record("\(text) has changed")
    }
  }

  private func expect(
    _ names: borrowing SeriesNames, hold held: [(text: [UInt8], born: UInt32, place: SpellingPlace)]
  ) {
    for name in held
    where array(names.spelling(name.place)) != name.text || names.born(name.place) != name.born {
      Issue.record("a name of \(name.text.count) bytes has changed")
    }
  }

  private func array(_ spelling: Spelling) -> [UInt8] {
    let bytes = spelling.bytes
    return bytes.indices.map { bytes[$0] }
  }
}

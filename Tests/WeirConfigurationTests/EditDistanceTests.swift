import Testing

@testable import WeirConfiguration

@Suite("The edit distance")
struct EditDistanceTests {
  @Test(
    "counts characters to insert, delete and replace",
    arguments: [
      ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("abc", "abc", 0), ("abc", "abd", 1),
      ("abc", "ac", 1), ("abc", "abxc", 1), ("ab", "ba", 2), ("kitten", "sitting", 3),
    ])
  func counts(_ source: String, _ target: String, _ distance: Int) {
    #expect(EditDistance.between(source, target) == distance)
    #expect(EditDistance.between(target, source) == distance)
  }

  @Test("agrees with its definition on random words")
  func agreesWithDefinition() {
    var seed = SplitMix(state: 2)
    for _ in 0..<200 {
      let words = (0..<2).map { _ in
        String(
          (0..<Int.random(in: 0...5, using: &seed)).map { _ in "abc".randomElement(using: &seed)! })
      }
      #expect(EditDistance.between(words[0], words[1]) == naive(words[0][...], words[1][...]))
    }
  }

  @Test("finds the nearest candidate, the first of equals, and none that is far")
  func nearest() {
    #expect(EditDistance.nearest(to: "lever", among: ["lemon", "level", "never"]) == "level")
    #expect(EditDistance.nearest(to: "wholly", among: ["other", "things"]) == nil)
    #expect(EditDistance.nearest(to: "word", among: []) == nil)
  }

  private func naive(_ source: Substring, _ target: Substring) -> Int {
    guard let first = source.first, let other = target.first else {
      return source.count + target.count
    }
    let (rest, otherRest) = (source.dropFirst(), target.dropFirst())
    return min(
      naive(rest, otherRest) + (first == other ? 0 : 1), naive(rest, target) + 1,
      naive(source, otherRest) + 1)
  }
}

/// SplitMix64, so that a failure comes back with the same words.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

import TestSupport
import Testing
import WeirMetrics
import WeirPush

@Suite("The window of sequences")
struct SequenceWindowTests {
  /// What the window says, by keeping every sequence.
  private struct Naive {
    var seen: Set<UInt64> = []
    var newest: UInt64 = 0

    mutating func see(_ sequence: UInt64) -> SequenceWindow.Standing {
      if sequence > newest {
        newest = sequence
        seen.insert(sequence)
        return .new
      }
      if newest - sequence >= SequenceWindow.length { return .tooOld }
      return seen.insert(sequence).inserted ? .late : .duplicate
    }

    /// Those that have left the window unseen, and those in it that are missing.
    var gone: (lost: Int, missing: Int) {
      let edge = newest > SequenceWindow.length ? newest - SequenceWindow.length : 0
      let lost = edge == 0 ? 0 : (1...edge).count { !seen.contains($0) }
      return (lost, newest == edge ? 0 : (edge + 1...newest).count { !seen.contains($0) })
    }
  }

  @Test("tells of each frame what the plain model tells, and counts the same", arguments: 0..<20)
  func agreesWithModel(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    var window = SequenceWindow(base: 0)
    var model = Naive()
    var next: UInt64 = 0
    for _ in 0..<4_000 {
      var sequence = next + 1
      if random.oneIn(20) { sequence += UInt64.random(in: 0...3_000, using: &random) }
      if random.oneIn(3) {
        let back = UInt64.random(in: 0...(random.oneIn(10) ? 2_000 : 40), using: &random)
        sequence = max(1, sequence > back ? sequence - back : 1)
      }
      next = max(next, sequence)
      let told = window.see(sequence)
      #expect(told == model.see(sequence))
    }
    #expect(window.lost == UInt64(model.gone.lost))
    #expect(window.missing == UInt64(model.gone.missing))
    #expect(window.received == UInt64(model.seen.count))
    let missing = window.missing
    let lost = window.lost
    window.giveUpMissing()
    #expect(window.lost == lost + missing)
    #expect(window.missing == 0)
  }

  @Test("begins where it is told, and misses nothing before")
  func base() {
    var window = SequenceWindow(base: 500)
    _ = window.see(501)
    _ = window.see(503)
    #expect(window.missing == 1)
    let earlier = window.see(499)
    #expect(earlier == .late)
    #expect(window.missing == 1)
  }

  @Test("has lost nothing while all that is missing is no more than 1,023 behind")
  func wholeWindow() {
    var window = SequenceWindow(base: 500)
    _ = window.see(500 + 1_024)
    #expect(window.lost == 0)
    #expect(window.missing == 1_023)
    _ = window.see(500 + 1_025)
    #expect(window.lost == 1)
    #expect(window.missing == 1_022)
  }

  @Test("is not led astray by the greatest sequence there is")
  func greatest() {
    var window = SequenceWindow(base: 0)
    _ = window.see(1)
    let told = window.see(.max)
    #expect(told == .new)
    #expect(window.lost == 1 << 20)
    let again = window.see(.max)
    #expect(again == .duplicate)
    let before = window.see(.max - 1)
    #expect(before == .late)
    #expect(window.missing == 1_022)
  }
}

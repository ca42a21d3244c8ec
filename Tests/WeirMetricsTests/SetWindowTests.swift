import TestSupport
import Testing
import WeirMetrics

@Suite("A set's window")
struct SetWindowTests {
  /// When each member was last seen: the whole state of the model.
  private struct NaiveWindow {
    var lastSeen: [UInt64: UInt32] = [:]

    /// Members seen in the step of `second`, or in the four before it.
    func count(second: UInt32, stepSeconds: UInt32) -> Double {
      let oldest = Int(second / stepSeconds) - 4
      return Double(lastSeen.values.count { Int($0 / stepSeconds) >= oldest })
    }
  }

  @Test("counts what was seen in the last five steps", arguments: 0..<20)
  func likeTheNaiveOne(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    let options = SetOptions(windowSeconds: 50)
    var window = SetWindow()
    var naive = NaiveWindow()
    var second: UInt32 = 0
    for _ in 0..<300 {
      if random.oneIn(2) { second += .random(in: 0...30, using: &random) }
      if random.oneIn(20) { second += 200 }
      if random.oneIn(3) {
        window.drop(before: second, options)
        #expect(window.count == naive.count(second: second, stepSeconds: 10), "second \(second)")
      }
      let member = UInt64.random(in: 0..<25, using: &random)
      window.insert(hash: member, second: second, options)
      naive.lastSeen[member] = second
    }
  }

  @Test("counts all members since the start where it has no end")
  func endless() {
    var window = SetWindow()
    let options = SetOptions(windowSeconds: 0)
    for member in 0..<100 as Range<UInt64> {
      window.insert(hash: member, second: UInt32(member) * 1_000, options)
    }
    window.drop(before: 1_000_000, options)
    #expect(window.count == 100)
  }

  @Test("falls to 0 and still knows that there were members")
  func empties() {
    var window = SetWindow()
    let options = SetOptions(windowSeconds: 50)
    #expect(!window.isBegun)
    window.insert(hash: 1, second: 3, options)
    window.drop(before: 49, options)
    #expect(window.count == 1)
    window.drop(before: 50, options)
    #expect(window.count == 0)
    #expect(window.isBegun)
  }

  @Test(
    "puts members of an ended step where they belong, or nowhere",
    arguments: [
      // (seconds since the end, seconds later, whether they count then)
      (0, 0, true), (0, 40, true), (0, 41, false), (20, 0, true), (20, 20, true), (20, 21, false),
      (49, 0, true), (50, 0, false), (1_000, 0, false),
    ])
  func ended(ago: Int, later: Int, counts: Bool) {
    var window = SetWindow()
    let options = SetOptions(windowSeconds: 50)
    window.add(endedSecondsAgo: ago, second: 109, options) { $0.insert(hash: 7) }
    window.drop(before: UInt32(109 + later), options)
    #expect(window.count == (counts ? 1 : 0))
  }

  @Test(
    "takes members of an ended step as long as the window covers its time",
    arguments: [
      // (the second now, seconds since the end, whether they count)
      (100, 49, false), (100, 40, true), (3, 3, true), (3, 4, true), (3, 49, true), (3, 50, false),
    ])
  func covered(second: UInt32, ago: Int, counts: Bool) {
    var window = SetWindow()
    let options = SetOptions(windowSeconds: 50)
    window.add(endedSecondsAgo: ago, second: second, options) { $0.insert(hash: 7) }
    #expect(window.count == (counts ? 1 : 0))
    #expect(window.isBegun == counts)
  }

  @Test("is not begun by a step without members")
  func nobody() {
    var window = SetWindow()
    window.add(endedSecondsAgo: 0, second: 9, SetOptions(windowSeconds: 50)) { _ in }
    #expect(!window.isBegun)
  }

  @Test("does not go back for an earlier second")
  func earlier() {
    var window = SetWindow()
    let options = SetOptions(windowSeconds: 50)
    window.insert(hash: 1, second: 20, options)
    window.insert(hash: 2, second: 9, options)
    window.drop(before: 50, options)
    #expect(window.count == 2)
  }

  @Test("estimates members that are spread over steps as one sketch of all of them would")
  func spread() {
    var random = SeededGenerator(seed: 5)
    var window = SetWindow()
    var whole = SetSketch()
    let options = SetOptions(windowSeconds: 300)
    for place in 0..<20_000 {
      let member = random.next()
      window.insert(hash: member, second: UInt32(place % 300), options)
      whole.insert(hash: member)
    }
    #expect(window.count == whole.count)
  }
}

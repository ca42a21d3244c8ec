import Glibc
import TestSupport
import Testing
import WeirInsight

@Suite("Sampled traffic")
struct TrafficTests {
  @Test("a sample that has room keeps everything as it is")
  func room() {
    var sample = ThinnedSample<Int>(capacity: 10)
    for number in 0..<10 { sample.add(number, weight: 3) }
    let entries = sample.take()
    #expect(entries.map(\.element) == Array(0..<10))
    #expect(entries.allSatisfy { $0.weight == 3 })
    #expect(sample.take().isEmpty)
  }

  @Test("a full sample stays bounded, and its weights stay the number of things")
  func full() {
    for count in [65, 1_000, 100_000] {
      var sample = ThinnedSample<Int>(capacity: 64)
      for number in 0..<count { sample.add(number, weight: 1) }
      let entries = sample.take()
      #expect(entries.count <= 64)
      let sum = entries.reduce(0) { $0 + $1.weight }
      // At most the last stride is missing.
      #expect(abs(sum - Double(count)) <= Double(count) / 16, "\(count): \(sum)")
    }
  }

  @Test("of things that take turns each has its share, whatever the stride")
  func turns() {
    var sums = [Double](repeating: 0, count: 4)
    for _ in 0..<50 {
      var sample = ThinnedSample<Int>(capacity: 64)
      for number in 0..<4_096 { sample.add(number % 4, weight: 1) }
      for entry in sample.take() { sums[entry.element] += entry.weight }
    }
    for sum in sums { #expect(abs(sum / 51_200 - 1) < 0.2, "\(sums)") }
  }

  @Test(
    "random turns choose one of each few, stand for all, and favour no place",
    arguments: [1, 7, 16, 49, 64, 1_000])
  func randomTurns(count: Int) {
    // By which of four senders who take turns.
    var sums = [Double](repeating: 0, count: 4)
    for seed in 0..<400 {
      var turns = RandomTurns(of: count, choosing: 16, using: SeededGenerator(seed: UInt64(seed)))
      var (sum, number) = (0.0, 0)
      for index in 0..<count {
        guard let weight = turns.weight(at: index) else { continue }
        sum += weight
        number += 1
        sums[index % 4] += weight
      }
      #expect(sum == Double(count))
      #expect(number <= 32)
    }
    guard count >= 16 else { return }
    for sum in sums { #expect(abs(sum / (400 * Double(count) / 4) - 1) < 0.2, "\(sums)") }
  }

  @Test("a constant rate is shown from the first seconds on, and followed by what comes later")
  func constantRate() throws {
    var keys = BusiestKeys<String>(at: 100)
    for second in 1...300 {
      keys.advance(to: 100 + Double(second))
      keys.add("a", amount: 50)
      let rate = try #require(keys.rate(of: "a"))
      #expect(abs(rate - 50) < 1.5, "\(second): \(rate)")
    }
    for second in 301...330 { keys.advance(to: 100 + Double(second)) }
    let rate = try #require(keys.rate(of: "a"))
    #expect(abs(rate - 50 / 2.718) < 1)
    keys.advance(to: 2_000)
    #expect(keys.rate(of: "a") == nil && keys.count == 0)
  }

  @Test("two questions within a millisecond show no jump")
  func noJump() throws {
    var keys = BusiestKeys<String>(at: 0)
    keys.advance(to: 0.001)
    keys.add("a", amount: 1)
    #expect(try #require(keys.rate(of: "a")) <= 1)
  }

  @Test(
    "the busiest are those that are, and the others are added up", arguments: 0..<5 as Range<UInt64>
  )
  func busiest(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var (keys, exact) = (BusiestKeys<Int>(at: 0), [Int: Double]())
    for second in 1...30 {
      keys.advance(to: Double(second))
      for _ in 0..<2_000 {
        // A few keys have most of it.
        let key = Int(pow(Double.random(in: 0...1, using: &random), 4) * 500)
        keys.add(key, amount: 1)
        exact[key, default: 0] += 1
      }
    }
    let (found, others) = keys.busiest(10)
    let expected = exact.sorted { $0.value > $1.value }.prefix(3).map(\.key)
    #expect(Set(expected).isSubset(of: Set(found.map(\.key))))
    let sum = found.reduce(others.amount) { $0 + $1.amount }
    #expect(abs(sum - 2_000) < 60)
    #expect(others.keys == exact.count - 10)
  }

  @Test("more keys than are known lose the quiet ones, whose sum is kept")
  func bounded() {
    var keys = BusiestKeys<Int>(at: 0)
    keys.advance(to: 1)
    for number in 0..<20_000 { keys.add(number, amount: number == 7 ? 1_000 : 1) }
    #expect(keys.count <= BusiestKeys<Int>.keysMax)
    #expect(keys.rate(of: 7) != nil)
    let (found, others) = keys.busiest(1)
    #expect(found.map(\.key) == [7])
    #expect(others.keys > 19_000)
    #expect(abs(found[0].amount + others.amount - 20_999) < 500)
  }

  @Test("what is refused is counted beside, and heard when it was")
  func refused() {
    var keys = BusiestKeys<String>(at: 0)
    keys.advance(to: 10)
    keys.add("a", amount: 0, refused: 100)
    keys.advance(to: 14)
    let reading = keys.busiest(5).keys
    #expect(reading.map(\.key) == ["a"])
    #expect(reading[0].refused > 0 && reading[0].amount == 0)
    #expect(reading[0].heardSeconds == 4)
  }
}

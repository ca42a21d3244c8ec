import Glibc
import TestSupport
import Testing
import WeirBytes
import WeirInsight

@Suite("Sampled traffic")
struct TrafficTests {
  @Test("a sample that has room keeps everything as it is")
  func room() {
    var sample = ThinnedSample<Int>(capacity: 10)
    for number in 0..<10 {
      let wasFull = sample.add(number, weight: 3)
      #expect(!wasFull)
    }
    let entries = sample.take()
    #expect(entries.map(\.element) == Array(0..<10))
    #expect(entries.allSatisfy { $0.weight == 3 })
    #expect(sample.take().isEmpty)
  }

  @Test(
    "a full sample stays bounded, says so, and its weights stay the number of things",
    arguments: [64, 63])
  func full(capacity: Int) {
    for count in [65, 1_000, 100_000] {
      var sample = ThinnedSample<Int>(capacity: capacity)
      var timesFull = 0
      for number in 0..<count where sample.add(number, weight: 1) { timesFull += 1 }
      let entries = sample.take()
      #expect(entries.count <= capacity && timesFull > 0)
      #expect(entries.reduce(0) { $0 + $1.weight } == Double(count))
    }
  }

  @Test(
    "of things that take turns each has its share in a full sample, in proportion to its weight")
  func shares() {
    var sums = [Double](repeating: 0, count: 4)
    for seed in 0..<200 as Range<UInt64> {
      var sample = ThinnedSample<Int>(capacity: 64)
      var turns = SampleTurns(random: KeyStream(state: seed, salt: 7))
      for number in 0..<4_096 where turns.choosesNext() {
        let weight = (number % 4 == 3 ? 5 : 1) * turns.stride
        if sample.add(number % 4, weight: Double(weight)) {
          turns.restart(stride: 2 * turns.stride)
        }
      }
      for entry in sample.take() { sums[entry.element] += entry.weight }
    }
    for (number, sum) in sums.enumerated() {
      #expect(abs(sum / (204_800 * (number == 3 ? 5 : 1)) - 1) < 0.2, "\(sums)")
    }
  }

  @Test(
    "turns choose one of each stride, over batches of any size, and favour no place",
    arguments: [1, 2, 7, 16, 1_000])
  func turns(stride: Int) {
    let count = stride * 50
    // By which of four senders who take turns.
    var sums = [Int](repeating: 0, count: 4)
    for seed in 0..<200 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      var turns = SampleTurns(random: KeyStream(state: seed, salt: 7))
      turns.restart(stride: stride)
      var chosen: [Int] = []
      var start = 0
      while start < count {
        let end = min(count, start + Int.random(in: 0...3 * stride, using: &random))
        if Bool.random(using: &random) {
          for index in start..<end where turns.choosesNext() { chosen.append(index) }
        } else {
          var next = start
          while let index = turns.next(in: next..<end) {
            chosen.append(index)
            next = index + 1
          }
        }
        start = end
      }
      #expect(chosen.map { $0 / stride } == Array(0..<50))
      for index in chosen { sums[index % 4] += 1 }
    }
    guard stride > 1 else { return }
    for sum in sums { #expect(abs(Double(sum) / 2_500 - 1) < 0.2, "\(sums)") }
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

  @Test("a constant rate that is read each ten seconds is shown as it is")
  func seldomRead() throws {
    var keys = BusiestKeys<String>(at: 0)
    for reading in 1...30 {
      keys.advance(to: Double(reading) * 10)
      keys.add("a", amount: 500)
    }
    #expect(abs(try #require(keys.rate(of: "a")) - 50) < 0.5)
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
    keys.advance(to: 601)
    let later = keys.busiest(1).others
    #expect(later.keys == 0 && later.amount < 0.01, "\(later)")
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

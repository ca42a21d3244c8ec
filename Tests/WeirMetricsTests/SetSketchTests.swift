import TestSupport
import Testing
import WeirMetrics

@Suite("A set sketch")
struct SetSketchTests {
  @Test(
    "counts exactly up to 128 members, however often each comes", arguments: [1, 2, 3] as [UInt64])
  func exact(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var sketch = SetSketch()
    var members: [UInt64] = [0, .max]
    #expect(sketch.count == 0)
    for member in members { sketch.insert(hash: member) }
    while members.count < 128 {
      members.append(generator.next())
      sketch.insert(hash: members[members.count - 1])
      sketch.insert(hash: generator.pick(members))
      #expect(sketch.count == Double(members.count))
    }
    for member in members.shuffled(using: &generator) { sketch.insert(hash: member) }
    #expect(sketch.count == 128)
  }

  @Test(
    "is within 5 % of the truth, three standard errors, from the first estimate to a million",
    arguments: [11, 12, 13, 14, 15] as [UInt64])
  func estimate(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var sketch = SetSketch()
    var added = 0
    for size in [129, 200, 500, 1_000, 3_000, 10_000, 20_000, 100_000, 300_000] {
      while added < size {
        sketch.insert(hash: generator.next())
        added += 1
      }
      let error = (sketch.count - Double(size)).magnitude / Double(size)
      #expect(error < 0.05, "\(sketch.count) for \(size), seed \(seed)")
      #expect(sketch.count == sketch.count.rounded())
    }
  }

  @Test("is within 5 % of a million", arguments: [21, 22] as [UInt64])
  func million(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var sketch = SetSketch()
    for _ in 0..<1_000_000 { sketch.insert(hash: generator.next()) }
    #expect((sketch.count - 1e6).magnitude < 5e4, "\(sketch.count), seed \(seed)")
  }

  @Test("has no bias: the mean of many sketches is within 1 %")
  func unbiased() {
    var generator = SeededGenerator(seed: 31)
    for size in [150, 2_000, 12_000] {
      var total = 0.0
      for _ in 0..<60 {
        var sketch = SetSketch()
        for _ in 0..<size { sketch.insert(hash: generator.next()) }
        total += sketch.count
      }
      // 1.6 % over √60 is 0.2 %.
      let mean = total / 60
      #expect((mean - Double(size)).magnitude / Double(size) < 0.01, "\(mean) for \(size)")
    }
  }

  @Test("does not fall when a register is raised to less than it has")
  func lesserRank() {
    var sketch = SetSketch()
    for register in 0..<4_096 { sketch.raise(register: register, to: 9) }
    let count = sketch.count
    for register in 0..<4_096 { sketch.raise(register: register, to: 3) }
    #expect(sketch.count == count)
  }

  @Test("does not change when members come again, in whatever order")
  func idempotent() {
    var generator = SeededGenerator(seed: 41)
    for size in [100, 128, 129, 5_000] {
      let members = (0..<size).map { _ in generator.next() }
      var once = SetSketch()
      var often = SetSketch()
      for member in members { once.insert(hash: member) }
      for _ in 0..<3 {
        for member in members.shuffled(using: &generator) { often.insert(hash: member) }
      }
      #expect(once.count == often.count)
    }
  }

  @Test("accepts hashes that all select one register, or have no bit set")
  func degenerate() {
    var sketch = SetSketch()
    for low in 0..<1_000 as Range<UInt64> { sketch.insert(hash: low) }
    #expect(sketch.count.isFinite && sketch.count >= 1)
    var saturated = SetSketch()
    for register in 0..<4_096 as Range<UInt64> { saturated.insert(hash: register << 52) }
    #expect(saturated.count > 1e6)
  }
}

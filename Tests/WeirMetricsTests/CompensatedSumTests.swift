import TestSupport
import Testing
import WeirMetrics

@Suite("A compensated sum")
struct CompensatedSumTests {
  private func sum(_ values: some Sequence<Double>) -> CompensatedSum {
    var sum = CompensatedSum()
    for value in values { sum.add(value) }
    return sum
  }

  @Test("does not lose small values to a big one")
  func smallIntoBig() {
    #expect(sum([1e16] + [Double](repeating: 1, count: 1_000_000)).value == 1e16 + 1e6)
    #expect(sum([Double](repeating: 1, count: 100_000) + [1e16]).value == 1e16 + 1e5)
    #expect(sum([0x1p53, 1, 1, 1, 1]).value == 0x1p53 + 4)
    #expect(sum([0x1p60] + [Double](repeating: 0.125, count: 8_192)).value == 0x1p60 + 1_024)
    #expect(sum([1e100, 1, -1e100]).value == 1)
  }

  @Test("is the nearest double of the exact sum, or the next", arguments: [1, 2, 3] as [UInt64])
  func exact(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for signed in [false, true] {
      var compensated = CompensatedSum()
      var exact: Int128 = 0
      for _ in 0..<20_000 {
        // 53 significant bits, at any of 40 places: the plain sum loses bits at every step.
        var whole = Int128(generator.next() >> 11) << Int.random(in: 0...40, using: &generator)
        if signed && generator.oneIn(2) { whole = -whole }
        exact += whole
        compensated.add(Double(whole))
        let nearest = Double(exact)
        let off = (compensated.value - nearest).magnitude
        if off > nearest.ulp { Issue.record("seed \(seed): \(compensated.value), not \(nearest)") }
      }
    }
  }

  @Test("never falls while nothing negative is added", arguments: [4, 5, 6] as [UInt64])
  func monotone(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var sum = CompensatedSum()
    for round in 0..<100_000 {
      let before = sum.value
      let exponent = Int.random(in: round < 50_000 ? -60...60 : -1_074...1_023, using: &generator)
      sum.add(
        Double(sign: .plus, exponent: exponent, significand: .random(in: 1..<2, using: &generator)))
      if !(sum.value >= before) { Issue.record("seed \(seed), step \(round)") }
    }
    #expect(sum.value.isFinite)
  }

  @Test("saturates at the greatest double, on either side, and becomes finite values again")
  func saturation() {
    let most = Double.greatestFiniteMagnitude
    #expect(sum([most, most]).value == most)
    #expect(sum([-most, -most]).value == -most)
    #expect(sum([most, most.ulp / 4, most.ulp / 4, most.ulp / 4, most.ulp]).value == most)
    #expect(sum([most, most, -most]).value == 0)
    #expect(sum([most, -most, 1]).value == 1)
    #expect(sum([most, most, most, -most, -most, 5]).value == -most)
    var full = sum([most, most])
    for _ in 0..<1_000 { full.add(1) }
    #expect(full.value == most)
    #expect(CompensatedSum.clamped(.infinity) == most)
    #expect(CompensatedSum.clamped(-.infinity) == -most)
  }

  @Test("is never NaN, for any finite values")
  func finite() {
    var generator = SeededGenerator(seed: 7)
    var sum = CompensatedSum()
    for _ in 0..<50_000 {
      let value = Double(bitPattern: generator.next())
      guard value.isFinite else { continue }
      sum.add(generator.oneIn(3) ? (value < 0 ? -1 : 1) * Double.greatestFiniteMagnitude : value)
      #expect(sum.value.isFinite)
    }
  }

  @Test("of nothing is zero")
  func empty() {
    #expect(CompensatedSum().value == 0)
    #expect(CompensatedSum(sum: 0x1p53, error: 3).value == 0x1p53 + 4)
  }
}

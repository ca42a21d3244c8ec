import Foundation
import TestSupport
import Testing

@testable import WeirMetrics

@Suite("The window of a summary")
struct SummaryWindowTests {
  private static let options = SummaryOptions()

  @Test("has an error of 1.1 % at schema 5, and twice that in each coarser one")
  func relativeError() {
    let errors = (0...5).reversed().map { ExponentialSchema($0).relativeError }
    #expect(SummaryWindow.schema.number == 5)
    for (error, stated) in zip(errors, [0.0109, 0.0217, 0.0434, 0.0865, 0.1716, 0.3334]) {
      #expect(error < stated && error > stated * 0.98)
    }
  }

  @Test(
    "estimates quantiles of the last minutes within its schema's relative error",
    arguments: 1...30 as ClosedRange<UInt64>)
  func quantiles(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let ageBuckets = generator.pick([1, 2, 5, 10])
    let options = SummaryOptions(
      maxAgeSeconds: generator.pick([10, 13, 60, 600]), ageBuckets: ageBuckets)
    let octaves = generator.pick([1.0, 2, 8, 100])
    var window = SummaryWindow()
    var values: [(second: UInt32, value: Double)] = []
    var second: UInt32 = 0
    for _ in 0..<3_000 {
      if generator.oneIn(10) {
        second += UInt32.random(in: 0...UInt32(options.maxAgeSeconds / 10 + 1), using: &generator)
      }
      if generator.oneIn(500) { second += UInt32(2 * options.maxAgeSeconds) }
      let value = pow(2, Double.random(in: -octaves...octaves, using: &generator))
      window.add(value, weight: 1, second: second, options)
      values.append((second, value))
      guard generator.oneIn(100) else { continue }
      // What counts is the age bucket that a value came in.
      func age(_ second: UInt32) -> Int { Int(second) * ageBuckets / options.maxAgeSeconds }
      let young = values.filter { age($0.second) > age(second) - ageBuckets }.map(\.value).sorted()
      let old = values.filter { Int($0.second) <= Int(second) - options.maxAgeSeconds }
      #expect(young.count + old.count <= values.count)
      let all = window.observations
      #expect(all.count == Double(young.count))
      for fraction in [0, 0.5, 0.9, 0.99, 1] {
        let rank = max(1, Int((Double(young.count) * fraction).rounded(.up)))
        let error = (all.quantile(fraction) - young[rank - 1]).magnitude
        let most = young[rank - 1] * all.schema.relativeError * (1 + 1e-12)
        #expect(error <= most, "\(fraction): \(young[rank - 1]) ± \(error)")
      }
    }
  }

  /// How far apart, in octaves, values may lie at most, and the schema in which they then are.
  static let spreads: [(octaves: Double, schema: Int)] = [(4, 5), (8, 4), (16, 3), (32, 2)]

  @Test(
    "keeps to the stated schema for values that lie so far apart, however dense", arguments: spreads
  )
  func spread(octaves: Double, schema: Int) {
    var generator = SeededGenerator(seed: 7)
    var window = SummaryWindow()
    for _ in 0..<50_000 {
      // Short of a power of two, as its bucket is one more.
      let value = pow(2, Double.random(in: 0.000_1...octaves, using: &generator))
      window.add(value, weight: 1, second: 0, Self.options)
    }
    #expect(window.observations.schema.number == schema)
  }

  @Test("removes observations in steps, the last after the max age, and is then fine again")
  func rotation() {
    var window = SummaryWindow()
    // Two minutes each.
    for step in 0..<5 as Range<UInt32> {
      window.add(Double(step + 1), weight: 1, second: step * 120 + 60, Self.options)
    }
    for exponent in -300...300 {
      window.add(pow(10, Double(exponent)), weight: 1, second: 599, Self.options)
    }
    #expect(window.observations.schema.number < 0)
    let counts = [(599, 606), (600, 605), (719, 605), (720, 604), (1_079, 602), (1_080, 0)]
    for (second, count) in counts {
      window.rotate(toSecond: UInt32(second), Self.options)
      #expect(window.observations.count == Double(count), "second \(second)")
    }
    #expect(window.observations.quantile(0.5).isNaN && window.bytesHeld == 0)
    window.add(3, weight: 2.5, second: 1_080, Self.options)
    #expect(window.observations.schema == SummaryWindow.schema)
    #expect(window.observations.count == 2.5)
    // A receiver whose clock is behind.
    window.add(3, weight: 1, second: 1_000, Self.options)
    #expect(window.observations.count == 3.5)
    window.rotate(toSecond: .max, Self.options)
    #expect(window.observations.isEmpty)
  }

  @Test(
    "takes 1.75 KiB at most for each age bucket, whatever numbers are sent, in however many age buckets",
    arguments: [1, 5, 10])
  func memory(ageBuckets: Int) {
    var generator = SeededGenerator(seed: UInt64(ageBuckets))
    let options = SummaryOptions(maxAgeSeconds: 100, ageBuckets: ageBuckets)
    var window = SummaryWindow()
    var most = 0
    for step in 0..<20_000 as Range<UInt32> {
      let exponent = Double.random(in: -300...300, using: &generator)
      let magnitude = generator.oneIn(3) ? pow(10, exponent) : 1 + Double(step) * 1e-3
      let value = generator.oneIn(2) ? magnitude : -magnitude
      window.add(value, weight: 1, second: step / 50, options)
      most = max(most, window.bytesHeld)
    }
    #expect(most <= ageBuckets * 1_792, "\(most)")
  }
}

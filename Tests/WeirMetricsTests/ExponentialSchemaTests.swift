import Foundation
import TestSupport
import Testing

@testable import WeirMetrics

@Suite("An exponential schema")
struct ExponentialSchemaTests {
  static let all = (-4...8).map { ExponentialSchema($0) }

  @Test(
    "is the coarsest that keeps within the growth factor, as in client_golang",
    arguments: [
      (1.1, 3), (1.0905, 4), (1.0906, 3), (1.2, 2), (1.4142, 2), (1.4143, 1), (2, 0), (1.999, 1),
      (3.999, 0), (4, -1), (16, -2), (256, -3), (65_535, -3), (65_536, -4), (1e300, -4),
      (1.0028, 8), (1.0027, 8), (1.000001, 8),
    ])
  func growthFactor(_ factor: Double, _ schema: Int) {
    #expect(ExponentialSchema(growthFactor: factor).number == schema)
  }

  @Test("has bounds that are powers of its base, exact where they are powers of two")
  func bounds() {
    for schema in Self.all {
      for index in -300...300 as ClosedRange<Int32> {
        let bound = schema.upperBound(of: index)
        let power = pow(2, Double(index) * pow(2, Double(-schema.number)))
        #expect((bound - power).magnitude <= power * 4e-16 || bound == power, "\(schema), \(index)")
      }
    }
    // The bounds of schema 3 as Prometheus has them.
    let published = [
      0.5, 0.5452538663326288, 0.5946035575013605, 0.6484197773255048, 0.7071067811865475,
      0.7711054127039704, 0.8408964152537144, 0.9170040432046711,
    ]
    for (place, bound) in published.enumerated() {
      let own = ExponentialSchema(3).upperBound(of: Int32(place - 8))
      #expect((own - bound).magnitude <= bound.ulp)
    }
    #expect(ExponentialSchema(8).upperBound(of: 1_024 << 8) == .infinity)
  }

  /// The bucket of a positive number, by comparing it with bounds from some way below on.
  private func naiveIndex(_ value: Double, _ schema: ExponentialSchema) -> Int32 {
    let steps = pow(2, Double(schema.number))
    var index = Int32((log2(value) * steps).rounded(.down)) - 2
    while schema.upperBound(of: index) < value { index += 1 }
    return index
  }

  @Test(
    "finds the bucket whose upper bound is the first that is no less, for numbers of any size",
    arguments: all)
  func index(schema: ExponentialSchema) {
    var generator = SeededGenerator(seed: UInt64(schema.number + 100))
    for _ in 0..<20_000 {
      let bits = UInt64.random(
        in: 0x1p-128.nextUp.bitPattern...Double.greatestFiniteMagnitude.bitPattern,
        using: &generator)
      let value = Double(bitPattern: bits)
      let key = schema.key(of: value)
      #expect(key > 0 && schema.key(of: -value) == -key)
      #expect(schema.index(ofKey: key) == naiveIndex(value, schema), "\(value)")
      #expect(schema.index(ofKey: -key) == schema.index(ofKey: key))
    }
  }

  @Test("puts every bound into the bucket that it closes, and its neighbour into the next")
  func exactBounds() {
    for schema in Self.all {
      let first = schema.index(ofKey: 1)
      let last = schema.index(ofKey: schema.key(of: .greatestFiniteMagnitude))
      #expect(schema.upperBound(of: first - 1) == 0x1p-128)
      #expect(schema.upperBound(of: last) == .infinity)
      let step = max(1, Int(last - first) / 5_000)
      for index in stride(from: Int(first), to: Int(last), by: step).map(Int32.init) {
        let bound = schema.upperBound(of: index)
        let keys = [bound.nextDown, bound, bound.nextUp].map(schema.key)
        let indices = keys.map(schema.index)
        #expect(indices == [index, index, index + 1], "schema \(schema.number), bound \(bound)")
      }
    }
  }

  @Test("counts magnitudes up to 2^-128 as zero, and accepts NaN and infinities")
  func zero() {
    for schema in Self.all {
      for value in [0, -0.0, 0x1p-128, -0x1p-128, .leastNonzeroMagnitude, 1e-300, .nan] {
        #expect(schema.key(of: value) == 0)
      }
      #expect(schema.key(of: 0x1p-128.nextUp) == 1)
      #expect(schema.key(of: -0x1p-128.nextUp) == -1)
      let greatest = schema.key(of: .greatestFiniteMagnitude)
      #expect(schema.key(of: .infinity) == greatest)
      #expect(schema.key(of: -.infinity) == -greatest)
    }
  }

  @Test("halves a key to that of the same value in the coarser schema")
  func halving() {
    var generator = SeededGenerator(seed: 5)
    for schema in Self.all.dropFirst() {
      for _ in 0..<2_000 {
        let exponent = Double.random(in: -140...1_023, using: &generator)
        let value = pow(2, exponent) * (generator.oneIn(2) ? 1 : -1)
        let halved = ExponentialSchema.halved(schema.key(of: value))
        #expect(halved == schema.coarser?.key(of: value), "\(value)")
      }
    }
    #expect(ExponentialSchema.coarsest.coarser == nil)
    let most = ExponentialSchema.coarsest.key(of: .greatestFiniteMagnitude)
    #expect(2 * Int(most) == ExponentialSchema.coarsestBuckets)
  }
}

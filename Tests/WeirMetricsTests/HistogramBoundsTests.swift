import TestSupport
import Testing
import WeirMetrics

@Suite("Histogram bounds")
struct HistogramBoundsTests {
  @Test("are the documented ones by default")
  func standard() {
    let promised = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]
    #expect(HistogramBounds.standard.upper == promised)
    #expect(HistogramBounds.standard.bucketCount == 15)
  }

  @Test(
    "belong to the bucket below them, and what is just above belongs to the next",
    arguments: [
      HistogramBounds.standard, HistogramBounds(upper: []), HistogramBounds(upper: [0]),
      HistogramBounds(upper: [-5, -0.5, 0, 1e-300, 1e300]),
      HistogramBounds(upper: [1, 1.0.nextUp, 1.0.nextUp.nextUp]),
    ])
  func edges(bounds: HistogramBounds) {
    var generator = SeededGenerator(seed: 8)
    let search = BucketSearch(bounds)
    var values: [Double] = [0, -0.0, 1, .greatestFiniteMagnitude, -.greatestFiniteMagnitude]
    for (index, bound) in bounds.upper.enumerated() {
      #expect(bounds.bucket(of: bound) == index)
      #expect(bounds.bucket(of: bound.nextUp) == index + 1 || bounds.upper.contains(bound.nextUp))
      values += [bound, bound.nextUp, bound.nextDown]
    }
    for _ in 0..<1_000 { values.append(.random(in: -200...200, using: &generator)) }
    for value in values {
      let naive = bounds.upper.firstIndex { value <= $0 } ?? bounds.upper.count
      #expect(bounds.bucket(of: value) == naive, "\(value)")
      let found = search.bucket(of: value)
      #expect(found == naive, "\(value)")
    }
  }
}

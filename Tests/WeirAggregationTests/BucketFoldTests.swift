import Testing
import WeirMetrics

@testable import WeirAggregation

@Suite("Buckets of a total with other bounds than its class")
struct BucketFoldTests {
  private let pushed = PushedBounds(HistogramBounds(upper: [1, 4, 20]), salt: 7)

  private func buckets(_ fold: BucketFold) -> [Int] {
    (0..<fold.count).map { fold.bucket(of: $0) }
  }

  @Test(
    "go each into the first bucket that holds it whole",
    arguments: [
      ([1, 4, 20], [0, 1, 2, 3]), ([2, 5], [0, 1, 2, 2]), ([0.5, 20], [1, 1, 1, 2]),
      ([0.5], [1, 1, 1, 1]),
      ([], [0, 0, 0, 0]),
    ] as [([Double], [Int])])
  func places(target: [Double], expected: [Int]) {
    #expect(buckets(BucketFold(pushed, into: HistogramBounds(upper: target))) == expected)
  }

  @Test("are folded anew where the number of the class was given to another one")
  func otherClass() {
    let fold = BucketFold(pushed, into: HistogramBounds(upper: [2, 5]))
    #expect(buckets(fold.into(HistogramBounds(upper: [2, 5]))) == [0, 1, 2, 2])
    // As many bounds, but others.
    #expect(buckets(fold.into(HistogramBounds(upper: [4, 30]))) == [0, 0, 1, 2])
    #expect(buckets(fold.into(.none)) == [0, 0, 0, 0])
  }

  @Test("are known by their bounds and their number")
  func ids() {
    let other = PushedBounds(HistogramBounds(upper: [1, 4, 21]), salt: 7)
    #expect(pushed.id != other.id)
    #expect(pushed.id == PushedBounds(HistogramBounds(upper: [1, 4, 20]), salt: 7).id)
    #expect(pushed.id != PushedBounds(HistogramBounds(upper: [1, 4, 20]), salt: 8).id)
    for count in [0, 1, 3, HistogramBounds.countMax] {
      let bounds = HistogramBounds(upper: (0..<count).map(Double.init))
      #expect(PushedBounds.count(ofID: PushedBounds(bounds, salt: 7).id) == count + 1)
    }
  }
}

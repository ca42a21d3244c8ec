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
      ([0.5], [1, 1, 1, 1]), ([], [0, 0, 0, 0]),
    ] as [([Double], [Int])])
  func places(target: [Double], expected: [Int]) {
    #expect(
      buckets(BucketFold(pushed, into: HistogramBounds(upper: target), serial: 1)) == expected)
  }

  @Test("are for one class only, and not for the next one with its number")
  func serial() {
    func numbered(_ serial: UInt64) -> NumberedClass {
      NumberedClass(id: ClassID(3), serial: serial, seriesClass: SeriesClass(.histogram))
    }
    let fold = BucketFold(pushed, into: .standard, serial: 5)
    var table = ClassTable(numbered(5))
    let before = fold.isInto(table)
    table.reset(to: numbered(6))
    let after = fold.isInto(table)
    #expect(before && !after)
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

import Testing
import WeirExposition

@testable import WeirDaemon

@Suite("Rows that join one of Weir's own counters")
struct NewbornRowsTests {
  private func values(_ family: OwnFamily) -> [Double] {
    guard case .samples(let samples) = family.values else { return [] }
    return samples.map(\.value)
  }

  private func family(_ values: [Double], gainsRows: Bool = true) -> OwnFamily {
    var family = OwnFamily(
      "a_total", .counter, "Help.",
      samples: values.enumerated().map { ("{k=\"\($0.offset)\"}", $0.element) })
    family.gainsRows = gainsRows
    return family
  }

  @Test("are 0 in the first scrape that shows them, and as they are afterwards")
  func first() {
    var rows = NewbornRows(zeroFirst: .zero)
    let now = ContinuousClock.now
    #expect(values(rows.settle(family([0, 3]), at: now)) == [0, 0])
    #expect(values(rows.settle(family([4, 5, 6]), at: now)) == [4, 5, 0])
    #expect(values(rows.settle(family([4, 5, 6]), at: now)) == [4, 5, 6])
    let other = OwnFamily("b_total", .counter, "", samples: [("{k=\"0\"}", 7)])
    #expect(values(rows.settle(other, at: now)) == [7])
  }

  @Test("are 0 for as long as a sender's new series is")
  func zeroFirst() {
    var rows = NewbornRows(zeroFirst: .seconds(30))
    let now = ContinuousClock.now
    for second in [0, 15, 29] {
      #expect(values(rows.settle(family([3]), at: now + .seconds(second))) == [0])
    }
    let settled = rows.settle(family([3]), at: now + .seconds(30))
    #expect(values(settled) == [3])
    #expect(settled.name == "a_total" && settled.help == "Help." && settled.gainsRows)
  }
}

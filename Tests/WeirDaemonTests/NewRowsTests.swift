import Testing
import WeirExposition

@testable import WeirDaemon

@Suite("New rows of Weir's own counters")
struct NewRowsTests {
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

  @Test("are 0 in the first scrape that shows them, and show their value afterwards")
  func first() {
    var rows = NewRows(zeroFirst: .zero)
    let now = ContinuousClock.now
    #expect(values(rows.showingNewRowsAsZero(family([0, 3]), at: now)) == [0, 0])
    #expect(values(rows.showingNewRowsAsZero(family([4, 5, 6]), at: now)) == [4, 5, 0])
    #expect(values(rows.showingNewRowsAsZero(family([4, 5, 6]), at: now)) == [4, 5, 6])
    let other = OwnFamily("b_total", .counter, "", samples: [("{k=\"0\"}", 7)])
    #expect(values(rows.showingNewRowsAsZero(other, at: now)) == [7])
  }

  @Test("are 0 for as long as a new series of a sender")
  func zeroFirst() {
    var rows = NewRows(zeroFirst: .seconds(30))
    let now = ContinuousClock.now
    for second in [0, 15, 29] {
      #expect(values(rows.showingNewRowsAsZero(family([3]), at: now + .seconds(second))) == [0])
    }
    let shown = rows.showingNewRowsAsZero(family([3]), at: now + .seconds(30))
    #expect(values(shown) == [3])
    #expect(shown.name == "a_total" && shown.help == "Help." && shown.gainsRows)
  }
}

import Testing
import WeirBytes
import WeirMetrics

@testable import WeirAggregation
@testable import WeirState

struct StateImageTests {
  typealias Row = StateFixture.Row

  @Test func `a later value replaces an earlier one`() {
    var fixture = StateFixture()
    fixture.seriesClass(0, SeriesClass(.counter))
    fixture.series(0, .counter, [Row(row: 2, spelling: "a", values: [1])])
    fixture.nextGroup(second: 1_010)
    fixture.series(
      0, .counter, [Row(row: 2, spelling: "", values: [5], ago: 4, error: 1e-20)], areNew: false)
    let image = fixture.image
    #expect(image.damage == nil)
    #expect(image.seriesCount == 1)
    let table = image.tables[0]
    #expect(Array(table.values(0)) == [5, 1e-20])
    #expect(table.rows[0].tick == 1_006)
    #expect(table.rows[0].born == 500)
  }

  @Test func `values of an unknown row are ignored`() {
    var fixture = StateFixture()
    fixture.seriesClass(0, SeriesClass(.counter))
    fixture.series(0, .counter, [Row(row: 2, spelling: "a", values: [1])])
    fixture.series(0, .counter, [Row(row: 1, spelling: "", values: [9])], areNew: false)
    fixture.series(7, .counter, [Row(row: 1, spelling: "", values: [9])], areNew: false)
    #expect(fixture.image.damage == nil)
    #expect(fixture.image.seriesCount == 1)
  }

  @Test func `removed rows are gone, and a row can hold another series`() {
    var fixture = StateFixture()
    fixture.seriesClass(0, SeriesClass(.counter))
    fixture.series(
      0, .counter,
      [
        Row(row: 0, spelling: "a", values: [1]), Row(row: 1, spelling: "b", values: [2]),
        Row(row: 2, spelling: "c", values: [3]),
      ])
    fixture.nextGroup()
    fixture.rows(.removed, 0, [0, 2, 5])
    fixture.series(0, .counter, [Row(row: 2, spelling: "d", values: [4], generation: 3)])
    let image = fixture.image
    #expect(image.damage == nil)
    #expect(image.seriesCount == 2)
    #expect(StateSummary(image).names == 2)
    #expect(image.place(classNumber: 0, shard: 0, row: 2, generation: 1) == nil)
    #expect(image.place(classNumber: 0, shard: 0, row: 2, generation: 3)?.place == 3)
  }

  @Test func `a class number that has another class has none of its series`() {
    var fixture = StateFixture()
    fixture.seriesClass(3, SeriesClass(.counter))
    fixture.series(3, .counter, [Row(row: 0, spelling: "a", values: [1])])
    fixture.nextGroup()
    fixture.seriesClass(3, SeriesClass(.gauge))
    fixture.series(3, .gauge, [Row(row: 0, spelling: "g", values: [7])])
    let image = fixture.image
    #expect(image.damage == nil)
    #expect(image.seriesCount == 1)
    #expect(StateSummary(image).series(.gauge) == 1)
  }

  @Test func `the same class again keeps its series`() {
    var fixture = StateFixture()
    fixture.seriesClass(3, SeriesClass(.counter))
    fixture.series(3, .counter, [Row(row: 0, spelling: "a", values: [1])])
    fixture.seriesClass(3, SeriesClass(.counter))
    #expect(fixture.image.seriesCount == 1)
  }

  @Test func `sparse rows take memory by their number`() {
    var fixture = StateFixture()
    fixture.seriesClass(0, SeriesClass(.counter))
    let rows = [0, 5, 60_000_000, 60_000_001]
    fixture.series(
      0, .counter, rows.map { Row(row: $0, spelling: "a\($0)", values: [Double($0)]) })
    fixture.rows(.removed, 0, [5, 60_000_001])
    let image = fixture.image
    #expect(image.damage == nil)
    #expect(image.seriesCount == 2)
    #expect(image.tables[0].place(of: 60_000_000) == 2)
    #expect(image.tables[0].place(of: 5) == nil)
  }

  @Test func `unknown blocks and unknown ends of blocks are skipped`() {
    var fixture = StateFixture()
    fixture.raw(99, [1, 2, 3])
    fixture.block(.meta) { writer in
      for text in ["a", "", "help"] { writer.append(text: Array(text.utf8)) }
      writer.append(77 as UInt8)
    }
    #expect(fixture.image.damage == nil)
    #expect(fixture.image.metas.map(\.meta) == [FamilyMeta(help: "help")])
  }

  @Test func `steps of windows are replaced, and old ones dropped`() {
    var fixture = StateFixture()
    fixture.seriesClass(0, SeriesClass(.set))
    fixture.series(0, .set, [Row(row: 0, spelling: "s", values: [])])
    func steps(_ newest: Int, _ steps: [(Int, [UInt64])], _ fixture: inout StateFixture) {
      fixture.rows(.sets, 0, [0]) { writer, _ in
        writer.append(1 as UInt8)
        writer.append(varint: newest)
        writer.append(varint: steps.count)
        for (number, hashes) in steps {
          writer.append(varint: number)
          writer.append(0 as UInt8)
          writer.append(varint: hashes.count)
          for hash in hashes { writer.append(littleEndian: hash) }
        }
      }
    }
    steps(4, [(0, [1]), (3, [2]), (4, [3])], &fixture)
    fixture.nextGroup()
    steps(6, [(3, [2, 8]), (6, [4])], &fixture)
    let image = fixture.image
    #expect(image.damage == nil)
    let window = image.tables[0].sets[0].window
    #expect(window.newest == 6)
    #expect(window.steps.map(\.number) == [3, 4, 6])
    #expect(window.steps.map(\.value.count) == [2, 1, 1])
  }

  @Test func `a removed owner is gone, and comes again with its next block`() {
    var fixture = StateFixture()
    fixture.owner(OwnerFixture(number: 1))
    fixture.owner(OwnerFixture(number: 2))
    fixture.nextGroup()
    fixture.block(.ownersRemoved) { writer in
      writer.append(varint: 1)
      writer.append(littleEndian: 1)
      writer.append(varint: 1_000 as UInt64)
    }
    #expect(fixture.image.damage == nil)
    #expect(fixture.image.ownerCount == 1)
    fixture.owner(OwnerFixture(number: 1))
    #expect(fixture.image.ownerCount == 2)
  }
}

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

  @Test func `ages belong to the last times before them, or else to the first of their group`() {
    func series(_ row: Int, _ fixture: inout StateFixture) {
      fixture.series(0, .counter, [Row(row: row, spelling: "a\(row)", values: [1], ago: 4)])
    }
    var fixture = StateFixture(second: nil)
    fixture.seriesClass(0, SeriesClass(.counter))
    series(0, &fixture)
    fixture.times(1_000)
    series(1, &fixture)
    fixture.times(1_010)
    series(2, &fixture)
    fixture.nextGroup(second: nil)
    series(3, &fixture)
    fixture.times(1_020)
    fixture.times(1_030)
    series(4, &fixture)
    let image = fixture.image
    #expect(image.damage == nil)
    #expect(image.tables[0].rows.map(\.tick) == [996, 996, 1_006, 1_016, 1_026])
    #expect(image.times?.second == 1_030)
  }

  @Test func `help and unit are those of the last block, and an empty one means none`() {
    var fixture = StateFixture()
    fixture.meta("a", unit: "", help: "An a.")
    fixture.meta("b", unit: "s", help: "A b.")
    fixture.meta("a", unit: "bytes", help: "")
    let image = fixture.image
    #expect(image.damage == nil)
    #expect(image.metas.map { String(decoding: $0.name, as: UTF8.self) } == ["a", "b"])
    #expect(
      image.metas.map(\.meta) == [FamilyMeta(unit: "bytes"), FamilyMeta(unit: "s", help: "A b.")])
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

  @Test func `another series in a row has nothing of the one before`() {
    var fixture = StateFixture()
    let bounds = HistogramBounds(upper: [1])
    let classes = [
      SeriesClass(
        .histogram, layout: bounds, observer: .native(NativeOptions(), keepsBuckets: true)),
      SeriesClass(.histogram, layout: bounds, observer: .summary(SummaryOptions())),
      SeriesClass(.set), SeriesClass(.gauge),
    ]
    let values: [[Double]] = [[5, 1, 2], [5, 1, 2], [], [5]]
    func series(_ number: Int, _ name: String, _ values: [Double], _ generation: UInt64) {
      fixture.series(
        number, classes[number].kind,
        [Row(row: 0, spelling: name, values: values, generation: generation)])
    }
    for number in classes.indices {
      fixture.seriesClass(number, classes[number])
      series(number, "a\(number)", values[number], 1)
    }
    fixture.rows(.natives, 0, [0]) { writer, _ in writer.append(histogram: 3, [(2, 7)]) }
    fixture.rows(.summaries, 1, [0]) { writer, _ in
      writer.append(varint: 4)
      writer.append(varint: 1)
      writer.append(varint: 4)
      writer.append(histogram: Int64(SummaryWindow.schema.number), [(2, 7)])
    }
    fixture.rows(.sets, 2, [0]) { writer, _ in
      writer.append([1, 4, 1, 4, 0, 1, 9, 0, 0, 0, 0, 0, 0, 0] as [UInt8])
    }
    fixture.rows(.gauges, 3, [0]) { writer, _ in
      writer.append([0, 1, 9, 1] as [UInt8])
      writer.append(littleEndian: 1 as UInt64)
      writer.append(varint: 1_000)
      writer.append(littleEndian: (2.0).bitPattern)
    }
    func kept(_ image: StateImage) -> [Int] {
      [
        image.tables[0].natives[0].bucketCount, image.tables[1].summaries[0].steps.count,
        image.tables[2].sets[0].window.steps.count + (image.tables[2].sets[0].isBegun ? 1 : 0),
        image.tables[3].gauges.count,
      ]
    }
    let before = fixture.image
    #expect(before.damage == nil)
    #expect(kept(before) == [1, 1, 2, 1])
    for number in classes.indices { series(number, "b\(number)", values[number].map { $0 + 1 }, 3) }
    let after = fixture.image
    #expect(after.damage == nil)
    #expect(kept(after) == [0, 0, 0, 0])
    #expect(after.seriesCount == 4)
    #expect(Array(after.tables[3].values(0)) == [6])
    #expect(Array(after.tables[0].values(0)).first == 6)
  }

  @Test func `an entry of a gauge without members takes its group away`() {
    var fixture = StateFixture()
    fixture.seriesClass(0, SeriesClass(.gauge))
    fixture.series(0, .gauge, [Row(row: 0, spelling: "g", values: [5])])
    for count in [1, 0] as [UInt8] {
      fixture.rows(.gauges, 0, [0]) { writer, _ in
        writer.append([0, 1, 9, count] as [UInt8])
        guard count > 0 else { return }
        writer.append(littleEndian: 1 as UInt64)
        writer.append(varint: 1_000)
        writer.append(littleEndian: (2.0).bitPattern)
      }
      let image = fixture.image
      #expect(image.damage == nil)
      #expect(image.tables[0].gauges.count == Int(count))
    }
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

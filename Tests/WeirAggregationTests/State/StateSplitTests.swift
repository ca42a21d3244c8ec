import Testing
import WeirMetrics
import WeirPush

@testable import WeirAggregation
@testable import WeirState

/// Rows of a table that take more than one block.
struct StateSplitTests {
  private func file(_ owners: Owners) -> StateRoundTripTests.WrittenFile {
    var writer = StateWriter(owners: owners)
    var file = StateRoundTripTests.WrittenFile()
    file.append(&writer, second: 0)
    return file
  }

  private func blocks(_ type: StateBlockType, _ file: StateRoundTripTests.WrittenFile) -> Int {
    file.blocks.count { $0.type == type.rawValue }
  }

  /// Everything comes back, bit for bit.
  private func restores(_ rig: borrowing StateRig, _ file: StateRoundTripTests.WrittenFile) {
    let image = StateImage(blocks: file.blocks, file.bytes)
    #expect(image.damage == nil)
    let again = StateRoundTripTests.restored(image, SeriesRules())
    let (contents, known) = (again.rig.contents, rig.contents)
    #expect(contents == known)
  }

  @Test func `series and their values`() {
    let aggregator = Aggregator(shards: 1, unixSeconds: { 700 })
    let rig = StateRig(aggregator, Owners(aggregator: aggregator), second: 0)
    var ingest = Ingest(aggregator)
    let long = String(repeating: "x", count: 90)
    for number in 0..<3_500 { ingest.apply("c:0.\(number)|c|#\(long):\(number)") }
    let file = file(rig.server.owners)
    #expect(blocks(.series, file) > 1)
    restores(rig, file)
  }

  @Test func `sets with many members`() {
    let aggregator = Aggregator(shards: 1, unixSeconds: { 700 })
    let rig = StateRig(aggregator, Owners(aggregator: aggregator), second: 0)
    var ingest = Ingest(aggregator)
    for number in 0..<70 {
      for member in 0..<130 { ingest.apply("s:\(number * member)|s|#n:\(number)") }
    }
    let file = file(rig.server.owners)
    #expect(blocks(.sets, file) > 1)
    restores(rig, file)
  }

  @Test func `gauges of several instances`() throws {
    let aggregator = Aggregator(shards: 1, unixSeconds: { 700 })
    let rig = StateRig(aggregator, Owners(aggregator: aggregator), second: 0)
    var pushes = PushIngest(rig.server.owners)
    for instance in 1...4 as ClosedRange<UInt64> {
      try pushes.apply(
        Pushed(
          instance: instance, sequence: 1,
          records: (0..<3_600).map {
            PushedRecord("g", [("n", "\($0)")], .gauge(Double($0) + Double(instance), .sum))
          }))
    }
    let file = file(rig.server.owners)
    #expect(blocks(.gauges, file) > 1)
    restores(rig, file)
  }

  @Test func `series that are gone`() {
    var segment = RowSegment()
    segment.copy.remove(allOf: [UInt32](repeating: 1, count: 300_000))
    var encoder = StateEncoder()
    var blocks = StateBlocks()
    encoder.append(segment, into: &blocks)
    var file = StateRoundTripTests.WrittenFile()
    file.append(blocks)
    #expect(file.blocks.count == 2)
    var rows: [UInt64] = []
    for block in file.blocks {
      #expect(block.type == StateBlockType.removed.rawValue)
      var body = StateBytes(bytes: Array(file.bytes[block.payload]))
      _ = (body.varint(), body.varint())
      var row: UInt64 = 0
      for _ in 0..<body.varint() {
        row += body.varint()
        rows.append(row)
      }
    }
    #expect(rows.elementsEqual(0..<300_000))
  }
}

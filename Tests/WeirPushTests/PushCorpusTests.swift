import Foundation
import Testing
import WeirAggregation
import WeirBytes
import WeirMetrics
import WeirPush

@Suite("What fuzzing has found")
struct PushCorpusTests {
  @Test("is taken or refused, by one server after another, and leaves the next frame as good")
  func corpus() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Fuzz/Corpus")
    let files = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    try #require(files.count > 100)
    let aggregator = Aggregator(rules: .all(observer: .native(NativeOptions(), keepsBuckets: true)))
    let owners = Owners(aggregator: aggregator)
    var decoder = PushDecoder(owners.keySeed)
    var router = PushRouter(owners: owners)
    var frame = PushFrame()
    var taken = 0
    for file in files {
      let bytes = Array(try Data(contentsOf: file))
      var frames = PushFrames(bytes.span)
      while let range = frames.next() {
        do throws(PushRefusal) {
          try decoder.readHeader(
            bytes.span, from: range.lowerBound, to: range.upperBound, into: &frame)
          try decoder.readBody(bytes.span, into: &frame)
          _ = try router.apply(&frame, bytes: bytes.span, nowMilliseconds: 1_800_000_000_000)
          taken += 1
        } catch {
          continue
        }
      }
    }
    #expect(taken > 100)
    try decoder.readHeader(fine.span, from: 0, to: fine.count, into: &frame)
    try decoder.readBody(fine.span, into: &frame)
    _ = try router.apply(&frame, bytes: fine.span, nowMilliseconds: 1_800_000_000_000)
    var catalog = Catalog()
    catalog.update(from: aggregator)
    let family = try #require(
      catalog.families.first { String(decoding: $0.name, as: UTF8.self) == "fine_total" })
    var values: [Double] = []
    aggregator.forEachSeries(of: family) { piece, index in
      values.append(piece.value(index, kind: .counter))
    }
    #expect(values == [2])
  }

  /// A frame with the counter `fine_total` at 2.
  private var fine: [UInt8] {
    let head = PushFrameHead(
      instance: 77, startMilliseconds: 1_000, sequence: 1, ageMilliseconds: 0)
    var writer = PushFrameWriter()
    writer.begin(room: PushFormat.frameBytesMax - head.bytes)
    _ = writer.append(.counter(PushFrameWriter.Series("fine_total"), total: 2))
    var bytes = ByteWriter()
    head.write(to: &bytes)
    writer.write(to: &bytes)
    return bytes.bytes
  }
}

import Foundation
import Testing
import WeirMetrics
import WeirPush

@testable import WeirAggregation

@Suite("What fuzzing has found")
struct PushCorpusTests {
  @Test("is taken or refused, by one server after another, and leaves the next frame as good")
  func corpus() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Fuzz/Corpus")
    let files = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    try #require(files.count > 100)
    let aggregator = Aggregator(observations: .histogram(.standard, native: NativeOptions()))
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
    var ingest = PushIngest(owners)
    try ingest.apply(
      Pushed(instance: 77, sequence: 1, records: [PushedRecord("fine_total", .counter(2))]))
    #expect(Contents(aggregator).values[.counter]?["fine_total"] == 2)
  }
}

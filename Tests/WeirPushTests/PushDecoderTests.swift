import TestSupport
import Testing
import WeirMetrics

@testable import WeirPush

@Suite("The decoder of pushed frames")
struct PushDecoderTests {
  /// What only a server with keys, and without, can tell.
  private static let needingKeys = ["unsigned", "unknown_key", "bad_tag", "signed_without_keys"]

  @Test("reads what the vectors mean", arguments: PushVectors.shared.frames)
  func vectors(vector: PushVectors.Vector) throws {
    let decoded = DecodedFrame.decode(vector.bytes)
    if let refused = vector.refused, !PushDecoderTests.needingKeys.contains(refused) {
      #expect(decoded.refused == refused)
      return
    }
    #expect(decoded.refused == nil)
    #expect(decoded.recordsRefused == vector.recordsRefused)
    if let meaning = vector.meaning {
      // Units and help texts are read into a list of their own.
      #expect(decoded.lines.sorted() == meaning.sorted())
    }
  }

  @Test("is given vectors of every reason there is to refuse")
  func reasons() {
    let vectors = PushVectors.shared.frames
    let frames = Set(vectors.compactMap(\.refused))
    let onlyServer: Set = [
      "unsigned", "signed_without_keys", "replayed", "too_many_instances", "loop",
    ]
    #expect(
      frames.union(onlyServer) == Set(PushRefusal.allCases.map { "\($0.label)" }))
    let records = Set(vectors.flatMap(\.recordsRefused.keys))
    let onlyServerRecords: Set = ["too_many_totals", "not_a_forwarder"]
    #expect(
      records.union(onlyServerRecords) == Set(RecordRefusal.allCases.map { "\($0.label)" }))
  }

  @Test("reads no prefix of a frame that has records as the whole of it")
  func prefixes() {
    for vector in PushVectors.shared.frames
    where vector.meaning?.count ?? 0 > 2 && vector.recordsRefused.isEmpty {
      let whole = DecodedFrame.decode(vector.bytes)
      for end in vector.bytes.indices {
        let part = DecodedFrame.decode(Array(vector.bytes[..<end]))
        let isWhole =
          part.refused == nil && part.lines == whole.lines
          && part.recordsRefused == whole.recordsRefused
        #expect(!isWhole, "\(vector.name), \(end) bytes")
      }
    }
  }

  @Test("holds less than the bytes that it was given, whatever they declare", arguments: 0..<8)
  func bounded(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    for _ in 0..<2_000 {
      var bytes = random.pick(PushVectors.shared.frames).bytes
      if bytes.isEmpty { continue }
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: bytes.indices, using: &random)
        bytes[place] = UInt8.random(in: 0...255, using: &random)
      }
      if random.oneIn(4) { bytes += random.bytes(count: Int.random(in: 0...40, using: &random)) }
      let decoded = DecodedFrame.decode(bytes)
      // An exponential record has one number more than it has bytes for: that of its zero bucket.
      #expect(decoded.elements <= bytes.count)
    }
  }
}

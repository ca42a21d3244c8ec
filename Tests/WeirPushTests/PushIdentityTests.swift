import TestSupport
import Testing
import WeirBytes
import WeirMetrics

@testable import WeirPush

@Suite("The identity of a pushed total")
struct PushIdentityTests {
  private struct Words: Hashable {
    let low: UInt64
    let high: UInt64
  }

  /// A name as sent, and the labels that count.
  private struct Identity: Hashable {
    let name: String
    let labels: [String: String]
  }

  /// A frame with one counter, whose strings stand in a table where some are there twice.
  private func frame(
    _ name: String, _ common: [(String, String)], _ labels: [(String, String)],
    _ random: inout SeededGenerator
  ) -> [UInt8] {
    var table = ([name] + (common + labels).flatMap { [$0.0, $0.1] })
    table.shuffle(using: &random)
    func index(_ text: String, _ random: inout SeededGenerator) -> Int {
      random.pick(table.indices.filter { table[$0] == text })
    }
    var bytes = ByteWriter()
    PushFrameHead(
      instance: 1, startMilliseconds: 1, sequence: 1, ageMilliseconds: 1, flags: [], keyID: nil
    ).write(to: &bytes)
    bytes.append(varint: table.count)
    for text in table {
      bytes.append(varint: text.utf8.count)
      bytes.append(Array(text.utf8))
    }
    bytes.append(varint: common.count)
    for label in common {
      bytes.append(varint: index(label.0, &random))
      bytes.append(varint: index(label.1, &random))
    }
    bytes.append(varint: 0)
    var record = ByteWriter()
    record.append(varint: index(name, &random))
    record.append(varint: labels.count)
    for label in labels {
      record.append(varint: index(label.0, &random))
      record.append(varint: index(label.1, &random))
    }
    record.append(number: 3)
    // Some are read by the way for plain counters, and some by that for all records.
    if random.oneIn(2) {
      record.append(varint: 0)
      record.append(varint: 7)
      record.append(varint: 9)
    }
    bytes.append(varint: 1)
    bytes.append(varint: record.bytes.count)
    bytes.append(record.bytes)
    return bytes.bytes
  }

  @Test(
    "is the name and the labels that are left when the last of each name holds, and none is empty",
    arguments: 0..<10)
  func identity(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    var decoder = PushDecoder(KeyStream())
    var frame = PushFrame()
    var identities: [Words: Identity] = [:]
    var fingerprints: [Identity: Words] = [:]
    for _ in 0..<3_000 {
      func labels() -> [(String, String)] {
        (0..<Int.random(in: 0...3, using: &random)).map { _ in
          (random.pick(["a", "b", "c", ""]), random.pick(["", "1", "2", "a"]))
        }
      }
      let (name, common, own) = (random.pick(["x", "y", "a"]), labels(), labels())
      var left: [String: String] = [:]
      for label in common + own { left[label.0] = label.1 }
      let identity = Identity(
        name: name, labels: left.filter { !$0.key.isEmpty && !$0.value.isEmpty })
      let bytes = self.frame(name, common, own, &random)
      try decoder.readHeader(bytes.span, from: 0, to: bytes.count, into: &frame)
      try decoder.readBody(bytes.span, into: &frame)
      try #require(frame.records.count == 1 && frame.refusedCount == 0)
      let fingerprint = Words(
        low: frame.records[0].fingerprint.low, high: frame.records[0].fingerprint.high)
      #expect(identities[fingerprint] ?? identity == identity)
      #expect(
        fingerprints[identity] ?? fingerprint == fingerprint, "\(identity), \(common), \(own)")
      identities[fingerprint] = identity
      fingerprints[identity] = fingerprint
    }
    #expect(identities.count > 60)
  }

  @Test("tells apart and recognises labels of more names than a word has bits")
  func manyNames() throws {
    var random = SeededGenerator(seed: 1)
    var decoder = PushDecoder(KeyStream())
    var frame = PushFrame()
    func fingerprint(_ labels: [(String, String)]) throws -> Words {
      let bytes = self.frame("x", [], labels, &random)
      try decoder.readHeader(bytes.span, from: 0, to: bytes.count, into: &frame)
      try decoder.readBody(bytes.span, into: &frame)
      return Words(low: frame.records[0].fingerprint.low, high: frame.records[0].fingerprint.high)
    }
    let labels = (0..<200).map { ("l\($0)", "v") }
    let whole = try fingerprint(labels)
    #expect(try fingerprint(labels.reversed()) == whole)
    #expect(try fingerprint(labels + [("l150", "w")]) != whole)
    #expect(try fingerprint([("l150", "w")] + labels) == whole)
    #expect(try fingerprint(labels.dropLast()) != whole)
  }

  @Test(
    "leaves those common labels that hold, once for all records, and no more than a series may have",
    arguments: [(1_000, 100, 100), (256, 256, 256), (300, 257, nil)])
  func commonLabels(count: Int, names: Int, kept: Int?) throws {
    var random = SeededGenerator(seed: 1)
    let common = (0..<count).map { ("n\($0 % names)", "v\($0)") } + [("gone", "x"), ("gone", "")]
    let bytes = frame("a", common, [("own", "1")], &random)
    var decoder = PushDecoder(KeyStream())
    var frame = PushFrame()
    try decoder.readHeader(bytes.span, from: 0, to: bytes.count, into: &frame)
    do throws(PushRefusal) {
      try decoder.readBody(bytes.span, into: &frame)
      #expect(frame.common.count == kept)
    } catch {
      #expect(kept == nil && error == .badString)
    }
  }
}

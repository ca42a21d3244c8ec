import Testing
import WeirBytes
import WeirMetrics

@testable import WeirWire

@Suite("A message that is longer than a datagram")
struct LongLineTests {
  /// A counter's line of this length, with a tag whose value repeats `fill`.
  private func line(_ name: String, bytes: Int, _ fill: String) -> String {
    let head = "\(name):1|c|#k:"
    return head + String(repeating: fill, count: bytes - head.utf8.count)
  }

  @Test(
    "has its lines decoded one by one, and a line that is too long refused", arguments: ["", "\r"])
  func lines(carriageReturn: String) {
    let lines = [
      "a:1|c", line("b", bytes: 65_535 - carriageReturn.utf8.count, "x"), "",
      line("c", bytes: 65_536, "y"), "d:2|c", line("e", bytes: 200_000, "z"), "f:3",
      line("g", bytes: 70_000, "\u{80}"), "h:4|c",
    ]
    let bytes = Array(lines.joined(separator: carriageReturn + "\n").utf8)
    let before = Array("before".utf8)
    var batch = SampleBatch()
    let all = before + bytes + Array("|after".utf8)
    StatsDDecoder().decode(
      all.span, from: before.count, to: before.count + bytes.count, into: &batch)
    let names = batch.samples.indices.map { index in
      let sample = batch.samples[index]
      let start = Int(sample.nameStart)
      return String(
        decoding: all[start..<start + Int(sample.nameLength)], as: UTF8.self)
    }
    #expect(names == ["a", "b", "d", "h"])
    #expect(batch.lines == 8)
    let tags = Int(batch.samples[1].tagsLength)
    #expect(tags == 65_535 - carriageReturn.utf8.count - "b:1|c|#".utf8.count)
    #expect(Int(batch.samples[1].lineEnd) - Int(batch.samples[1].nameStart) == tags + 7)
    #expect(batch.refusals.count(of: .lineTooLong) == 3)
    #expect(batch.refusals.count(of: .missingType) == 1 && batch.refusals.total == 4)
    let refused = batch.refusals.last.map { entry in
      "\(entry.reason.label) \(String(decoding: all[entry.lineStart..<entry.lineStart + 2], as: UTF8.self))"
    }
    #expect(
      refused == ["line_too_long c:", "line_too_long e:", "missing_type f:", "line_too_long g:"])
  }

  @Test("is decoded like a datagram where it is no longer than one")
  func longest() {
    let bytes = Array(line("b", bytes: 65_535, "x").utf8)
    var batch = SampleBatch()
    StatsDDecoder().decode(bytes.span, from: 0, to: bytes.count, into: &batch)
    #expect(batch.samples.count == 1 && batch.refusals.total == 0)
    #expect(batch.samples[0].lineEnd == 65_535)
  }
}

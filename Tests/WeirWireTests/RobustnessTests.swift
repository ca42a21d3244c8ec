import TestSupport
import Testing
import WeirBytes
import WeirMetrics
import WeirWire

@Suite("Hostile datagrams")
struct RobustnessTests {
  /// The longest payload of a UDP datagram over IPv4.
  private static let datagramBytesMax = 65_507

  @Test(
    "of random bytes crash nothing, and every line of them is accounted for",
    arguments: 1...4 as ClosedRange<UInt64>)
  func randomBytes(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let marks = Array("aaabc:::|||@#,=[]T0011+-.\n\nmsghd_e{\r".utf8)
    for round in 0..<3_000 {
      let length = Int.random(in: 0...200, using: &generator)
      let datagram =
        round % 2 == 0
        ? generator.bytes(count: length) : (0..<length).map { _ in generator.pick(marks) }
      account(datagram, "seed \(seed), round \(round)")
    }
  }

  @Test("that are cut off anywhere crash nothing", arguments: [1, 2] as [UInt64])
  func truncations(seed: UInt64) {
    var lines = LineGenerator(seed: seed + 100)
    for _ in 0..<60 {
      let line = lines.line()
      for end in 0...line.count { account(Array(line[..<end]), "\(line) to \(end)") }
      for start in 0...line.count { account(Array(line[start...]), "\(line) from \(start)") }
    }
  }

  @Test("do no harm to the lines beside them", arguments: [1, 2, 3] as [UInt64])
  func neighbours(seed: UInt64) {
    var lines = LineGenerator(seed: seed + 200)
    var generator = SeededGenerator(seed: seed)
    let decoder = RealDecoder()
    for _ in 0..<400 {
      var datagram: [UInt8] = []
      var expected = RealDecoder.Counts()
      for _ in 0..<Int.random(in: 1...12, using: &generator) {
        let line =
          generator.oneIn(4) ? generator.bytes(count: 20).filter { $0 != 10 } : lines.line()
        datagram += line + (line.last != 13 && generator.oneIn(3) ? [13, 10] : [10])
        let alone = decoder.counts(line)
        expected.lines += alone.lines
        expected.events += alone.events
        expected.serviceChecks += alone.serviceChecks
        expected.samples += alone.samples
        expected.refused.merge(alone.refused, uniquingKeysWith: +)
      }
      if generator.oneIn(2) { datagram.removeLast() }
      let together = decoder.counts(datagram)
      if together != expected {
        Issue.record(
          "seed \(seed): \(String(decoding: datagram, as: UTF8.self)): \(together), not \(expected)"
        )
      }
    }
  }

  @Test(
    "of the greatest length of UDP are accepted or refused without harm",
    arguments: [
      ("a:", "1:", "1|c"), ("a:", "+1:", "5|g"), ("a:", "1:", "x|c"), ("a:1|c|#", "k:v,", ""),
      ("a:1|c|#", ",", ""), ("a:1|c|#k:", "v", ""), ("a:1|c|#", "_", ":v"), ("a:1|c|#", "k", ":v"),
      ("", "a", ":1|c"), ("", "_", ":1|c"), ("a:", "9", "|c"), ("a:0.", "0", "1|c"),
      ("a:1e", "9", "|c"),
      ("a:1|c", ":1|c", ""), ("a:1|c", "|", ""), ("a:1|c", "|@1:", ""), ("a:1|c", "|T:", ""),
      ("", ":", ""), ("", "|", ""), ("", "\n", ""), ("", "\r", ""), ("", "a:1|c\n", ""),
      ("", ":1|c\n", ""), ("a", "[", ":1|c"), ("a", ",", ":1|c"), ("a", "#", ":1|c"),
      ("a", "]", ":1|c"),
      ("a[", "k=v,", "]:1|c"), ("a:", "m", "|s"), ("_e{", "1", "}"), ("", "\u{FF}", ""),
      ("a:1|c|#", "é", ":v"),
      ("a:1|c|", "#", ""), ("a:1|c", ":", ""), ("a:1|", "c:1|", "c"), ("a:1|k", "|@1", ":1|c"),
    ])
  func longest(start: String, middle: String, end: String) {
    let room = RobustnessTests.datagramBytesMax - start.utf8.count - end.utf8.count
    let count = room / middle.utf8.count
    let datagram = Array((start + String(repeating: middle, count: count) + end).utf8)
    account(datagram, "\(start)\(middle)…\(end)")
    let padded =
      datagram + [UInt8](repeating: 10, count: RobustnessTests.datagramBytesMax - datagram.count)
    account(padded, "\(start)\(middle)…\(end)")
  }

  @Test(
    "full of marks take no longer than others, since no mark is looked at again from the one before",
    arguments: [
      ("a=", ",", "x:1:1|c"), ("a=", "#,", ":1:1|c"), ("a=", ";", "x:1:1|c"), ("a=", "[", ":1:1|c"),
      ("a,k=", "#", ":1|c"), ("a,k=", "[x", ":1|c"), ("a[k=v]", ",", ":1|c"), ("a,k=v", ":", "1|c"),
      ("a=", ",#[;", "x:1:1|c"), ("", ",", "x:1|c"), ("", "]", ":1|c"), ("a;k=", ",x", ":1|c"),
      ("a:1|", " ", "c"), ("a:1|c|@", "\t", "1"), ("a:1|c", "|c:x", ""),
    ])
  func marks(start: String, middle: String, end: String) {
    let room = RobustnessTests.datagramBytesMax - start.utf8.count - end.utf8.count
    let text = start + String(repeating: middle, count: room / middle.utf8.count) + end
    // Not compared with the naive twin, which looks at what follows each mark.
    let counts = RealDecoder().counts(Array(text.utf8))
    #expect(counts.lines == 1 && counts.samples + counts.refusedInAll >= 1)
  }

  @Test("must have each whole line within the limits on a series")
  func limits() {
    let tags = (0..<64).map { "k\($0):v" }
    let decoder = RealDecoder()
    #expect(decoder.counts(Array("a:1|c|#\(tags.joined(separator: ","))".utf8)).samples == 1)
    #expect(
      decoder.counts(Array("a:1|c|#\(tags.joined(separator: ",")),l:w".utf8)).refused
        == [.tooManyLabels: 1])
    let value = String(repeating: "v", count: 4_096 - #"a{k=""}"#.count)
    #expect(decoder.counts(Array("a:1|c|#k:\(value)".utf8)).samples == 1)
    #expect(decoder.counts(Array("a:1|c|#k:\(value)v".utf8)).refused == [.seriesTooLong: 1])
    #expect(decoder.counts(Array("a,k=\(value):3|g".utf8)).samples == 1)
    #expect(decoder.counts(Array("a,k=\(value)v:3|g".utf8)).refused == [.seriesTooLong: 1])
  }

  @Test("decoded into one batch keep their values apart")
  func oneBatch() {
    let datagrams = ["a:1:2|c\nb:x|c\nc:3:y|h\n", "d:4|g\n", "\n", "e:5:+6:z|g\nf:7|ms"].map {
      Array($0.utf8)
    }
    let buffer = datagrams.flatMap { $0 }
    let decoder = StatsDDecoder()
    var batch = SampleBatch()
    var start = 0
    for datagram in datagrams {
      decoder.decode(buffer.span, from: start, to: start + datagram.count, into: &batch)
      start += datagram.count
    }
    let names = batch.samples.elements.map { buffer[Int($0.nameStart)] }
    #expect(names == Array("adf".utf8))
    #expect(batch.values.elements == [1, 2, 4, 0.007])
    #expect(batch.samples.elements.map(\.firstValue) == [0, 2, 3])
    #expect(
      batch.refusals.last.map { String(decoding: buffer[$0.lineStart..<$0.lineEnd], as: UTF8.self) }
        == ["b:x|c", "c:3:y|h", "e:5:+6:z|g"])
    #expect(batch.lines == 6)
  }

  /// Every line is taken, refused, an event or a check; a classic one gives several of the first two.
  private func account(_ datagram: [UInt8], _ comment: @autoclosure () -> String) {
    let counts = RealDecoder().counts(datagram)
    let lines = NaiveDecoder.lines(of: datagram).filter { !$0.isEmpty }
    var expected = 0
    for line in lines {
      if case .parts(let parts) = NaiveDecoder().decode(line) {
        expected += parts.count
      } else {
        expected += 1
      }
    }
    let seen = counts.samples + counts.refusedInAll + counts.events + counts.serviceChecks
    if counts.lines != lines.count || seen != expected {
      Issue.record("\(comment()): \(counts) for \(lines.count) lines and \(expected) samples")
    }
  }
}

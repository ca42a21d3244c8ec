import Testing
import WeirConfiguration
import WeirMetrics

@testable import WeirDaemon

@Suite struct SentSeriesTests {
  /// The samples of lines, as the command reads them.
  static func samples(_ lines: [String], _ flags: [String] = []) throws -> [ReadSample] {
    guard case .run(let options) = try Invocation.parse(flags, cores: 1) else {
      throw UsageError("not a run")
    }
    let reading = LineExplanation.Reading(options, mapping: nil)
    return lines.flatMap { LineExplanation(Array($0.utf8), reading).samples }
  }

  private func series(_ lines: [String], _ flags: [String] = []) throws -> [SentSeries] {
    SentSeries.all(of: try Self.samples(lines, flags))
  }

  @Test(arguments: [
    (["a:1|c", "a:2:3|c"], SentSeries.Effect.gain(6)),
    (["a:1|c|@0.1"], .gain(10)),
    (["a:1|ms", "a:2:3|h", "a:1|d|@0.5"], .gain(5)),
    (["a:4|g", "a:+2|g"], .set(6)),
    (["a:+2|g", "a:-5|g"], .change(-3)),
    (["a:+2|g", "a:7|g"], .set(7)),
    (["a:x|s", "a:y|s"], .members),
  ])
  func `samples of one series are one effect`(
    lines: [String], effect: SentSeries.Effect
  ) throws {
    let all = try series(lines)
    #expect(all.count == 1)
    #expect(all.first?.effect == effect)
  }

  @Test func `one name with two types is two series, of which Weir takes one`() throws {
    let all = try series(["a:1|c", "a:2|g", "b:1|c", "a:5|g"])
    #expect(all.map(\.kind) == [.counter, .gauge, .counter])
    #expect(all.map(\.effect) == [.gain(1), .set(5), .gain(1)])
  }

  @Test(arguments: [
    ("a:1|c|#z:1,b:x y", [], #"a{b="x y",z="1"}"#),
    ("a:1|ms", [], "a_count"),
    ("a:1|ms|#k:v", [], #"a_count{k="v"}"#),
    ("a:1|ms|#k:v", ["--observe=summary"], #"a_count{k="v"}"#),
    ("a.b:1|c", ["--statsd.names=utf-8"], #"{"a.b"}"#),
    ("a.b:1|h|#k.l:v", ["--statsd.names=utf-8"], #"{"a.b_count","k.l"="v"}"#),
    ("a:x|s", [], "a"),
  ])
  func `its line in a scrape is known`(line: String, flags: [String], expected: String) throws {
    let shown = try series([line], flags).first?.line
    #expect(shown.map { String(decoding: $0, as: UTF8.self) } == expected)
  }

  @Test(
    arguments: [
      // line, before, after, whether samples were applied, whether it is seen
      ("a:2|c", nil, nil, true, false), ("a:2|c", nil, 2, false, true),
      ("a:2|c", nil, 0, false, false), ("a:2|c", nil, 0, true, true), ("a:2|h", 0, 0, false, false),
      ("a:2|h", 0, 0, true, true), ("a:2|c", nil, 1, true, false), ("a:2|c", 0, 1, true, false),
      ("a:2|c", 5, 7, false, true), ("a:2|c", 5, 9, false, true), ("a:2|c", 5, 6, true, false),
      ("a:0.1|c", 0.2, 0.30000000000000004, false, true), ("a:0|c", 5, 5, false, true),
      ("a:2|g", nil, 2, false, true), ("a:2|g", 2, 2, false, false), ("a:2|g", 2, 2, true, true),
      ("a:2|g", 1, 2, false, true), ("a:2|g", 1, 3, true, false),
      ("a:+2|g", nil, 2, false, true), ("a:+2|g", 1, 3, false, true), ("a:+2|g", 1, 1, true, false),
      ("a:+0|g", 1, 1, true, true), ("a:+0|g", 1, 1, false, false),
      ("a:x|s", nil, 1, false, true), ("a:x|s", 1, 2, false, true), ("a:x|s", 1, 1, false, false),
      ("a:x|s", 1, 1, true, true),
    ] as [(String, Double?, Double?, Bool, Bool)])
  func `a value shows whether it has arrived`(
    line: String, before: Double?, after: Double?, isApplied: Bool, isSeen: Bool
  ) throws {
    let first = try #require(try series([line]).first)
    #expect(first.isSeen(before: before, after: after, isApplied: isApplied) == isSeen)
  }
}

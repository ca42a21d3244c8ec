import Testing
import WeirJSON
import WeirMetrics
import WeirSockets

@testable import WeirDaemon

/// What a tap shows of batches that go through a pipeline.
@Suite("Taps of pipelines")
struct TapDeskTests {
  private struct Shown: Equatable {
    var lines: [String] = []
    var reasons: [String] = []
    var senders: [String] = []
    var notShown = 0
  }

  /// What a tap shows of messages, one batch for each list.
  private func shown(
    _ filter: TapFilter, rate: Int = 10_000, _ batches: [[(text: String, source: MessageSource)]]
  ) throws -> Shown {
    var harness = TrafficHarness()
    let clock = harness.clock
    let tap = Tap(filter, rate: rate, limit: 100_000) { clock.now }
    try harness.taps.open(tap)
    for batch in batches { harness.ingest(Messages(batch)) }
    clock.advance(by: 10)
    var shown = Shown()
    for line in tap.take().bytes.split(separator: UInt8(ascii: "\n")) {
      let object = try #require(JSONValue(Array(line)))
      if let line = object["line"].text { shown.lines.append(line) }
      if let reason = object["reason"].text { shown.reasons.append(reason) }
      if let sender = object["sender"].text { shown.senders.append(sender) }
      shown.notShown += object["not_shown"].integer ?? 0
    }
    return shown
  }

  private let memory = MessageSource.named("memory")

  @Test("accepted lines are shown once, as they came, and refused ones are not")
  func accepted() throws {
    let lines = ["a:1|c|#k:v", "classic:1|c:2|c:3|c", "bad:x|c", "packed:1:2|ms", "b:2|g"]
    let text = lines.joined(separator: "\n")
    let found = try shown(TapFilter(), [[(text, memory)], [("next:1|c", memory)]])
    #expect(found.lines == lines.filter { $0 != "bad:x|c" } + ["next:1|c"])
    #expect(found.reasons == [] && found.notShown == 0)
  }

  @Test("refused lines are shown with their reason, and accepted ones are not")
  func refused() throws {
    var filter = TapFilter()
    filter.showsRefused = true
    let text = "a:1|c\nb:x|c\nc:1|q\nd:1|c"
    let found = try shown(filter, [[(text, memory)], [("a:1|c", memory)], [("e:1|q", memory)]])
    #expect(found.lines == ["b:x|c", "c:1|q", "e:1|q"])
    #expect(found.reasons == ["bad_value", "unknown_type", "unknown_type"])
    filter.reason = .unknownType
    #expect(try shown(filter, [[(text, memory)]]).lines == ["c:1|q"])
    filter.reason = nil
    filter.name = NameGlob("b*")
    #expect(try shown(filter, [[(text, memory)]]).lines == ["b:x|c"])
  }

  @Test("a line is shown once, however many of its values are refused")
  func refusedValues() throws {
    var filter = TapFilter()
    filter.showsRefused = true
    let lines = ["a:x|c:y|c", "b:1|c:x|c:y|c", "c:x:y|c"]
    let found = try shown(filter, [[(lines.joined(separator: "\n"), memory)]])
    #expect(found.lines == lines)
  }

  @Test("what a batch no longer knows of refused lines is counted, unless a filter may exclude it")
  func unknownRefused() throws {
    var filter = TapFilter()
    filter.showsRefused = true
    let text = (0..<80).map { "n\($0):x|c" }.joined(separator: "\n")
    let all = try shown(filter, [[(text, memory)]])
    #expect(all.lines.count == 50 && all.notShown == 30)
    #expect(all.lines.last == "n79:x|c")
    var named = filter
    named.name = NameGlob("*")
    var sent = filter
    try sent.networks.add("127.0.0.0/8")
    var reasoned = filter
    reasoned.reason = .badValue
    for (filter, lines) in [(named, 50), (sent, 0), (reasoned, 50)] {
      let found = try shown(filter, [[(text, memory)]])
      #expect(found.lines.count == lines && found.notShown == 0)
    }
  }

  @Test("a network admits its addresses alone, message by message")
  func networks() throws {
    var filter = TapFilter()
    try filter.networks.add("10.0.0.0/8")
    let (inside, outside) = (
      MessageSource.address(.ipv4(10, 1, 2, 3, port: 7)),
      MessageSource.address(.ipv4(11, 0, 0, 1, port: 7))
    )
    let found = try shown(
      filter,
      [
        [
          ("a:1|c\nb:1|c", inside), ("c:1|c", outside), ("d:1|c", memory), ("e:1|c", inside),
          ("f:1|c", outside),
        ]
      ])
    #expect(found.lines == ["a:1|c", "b:1|c", "e:1|c"])
    #expect(Set(found.senders) == ["10.1.2.3:7"] && found.notShown == 0)
  }

  @Test("of several labels a line must have each")
  func labels() throws {
    var filter = TapFilter()
    filter.add(label: Array("a".utf8), value: Array("1".utf8))
    filter.add(label: Array("b".utf8), value: Array("2".utf8))
    let lines = ["x:1|c|#a:1", "x:1|c|#b:2", "x:1|c|#b:2,a:1", "x,a=1:1|c|#b:2", "x:1|c|#a:2,b:1"]
    let found = try shown(filter, [[(lines.joined(separator: "\n"), memory)]])
    #expect(found.lines == ["x:1|c|#b:2,a:1"])
  }

  @Test("shown lines and the number of those that are not shown are all that match")
  func sum() throws {
    var filter = TapFilter()
    filter.name = NameGlob("a*")
    let text = (0..<100).map { "\($0.isMultiple(of: 2) ? "a" : "b")\($0):1|c" }
    let found = try shown(filter, rate: 100, [[(text.joined(separator: "\n"), memory)]])
    #expect(found.lines.count == 10 && found.notShown == 40)
    #expect(found.lines.allSatisfy { $0.hasPrefix("a") })
  }

  @Test("a line is cut after 4,096 bytes, and one of 4,096 is whole")
  func cut() throws {
    func line(_ bytes: Int) -> String {
      let start = "long:1"
      return start + String(repeating: ":1", count: (bytes - start.utf8.count - 2) / 2) + "|c"
    }
    var harness = TrafficHarness()
    let clock = harness.clock
    let tap = Tap(TapFilter(), rate: 1_000, limit: 100) { clock.now }
    try harness.taps.open(tap)
    harness.ingest("\(line(4_096))\n\(line(4_098))")
    clock.advance(by: 1)
    let objects = tap.take().bytes.split(separator: UInt8(ascii: "\n"))
      .compactMap { JSONValue(Array($0)) }
    #expect(objects.map { $0["line"].text?.utf8.count } == [4_096, 4_096])
    #expect(objects.map { $0["cut"].flag } == [nil, true])
  }

  @Test("two taps see the same lines, each by its own filter, and a closed one sees nothing")
  func two() throws {
    var harness = TrafficHarness()
    let clock = harness.clock
    var filter = TapFilter()
    filter.name = NameGlob("a")
    let (all, some) = (
      Tap(TapFilter(), rate: 100, limit: 100) { clock.now },
      Tap(filter, rate: 100, limit: 100) { clock.now }
    )
    try harness.taps.open(all)
    try harness.taps.open(some)
    harness.ingest("a:1|c\nb:1|c")
    clock.advance(by: 1)
    func lines(_ tap: Tap) -> [String] {
      tap.take().bytes.split(separator: UInt8(ascii: "\n"))
        .compactMap { JSONValue(Array($0))?["line"].text }
    }
    #expect(lines(all) == ["a:1|c", "b:1|c"] && lines(some) == ["a:1|c"])
    harness.taps.close(all)
    harness.ingest("a:2|c")
    clock.advance(by: 1)
    #expect(lines(all) == [] && lines(some) == ["a:2|c"])
  }

  @Test("below ten lines a second a window is as long as one line needs")
  func slowRate() throws {
    let clock = MovedClock()
    let tap = Tap(TapFilter(), rate: 2, limit: 100) { clock.now }
    var shown = 0
    for _ in 0..<100 {
      tap.consider { window in
        window.consider {
          Tap.Line(
            time: PipelineHarness.time, bytes: [97], isCut: false, sender: "s", reason: nil)
        }
      }
      clock.advance(by: 0.1)
      shown += tap.take().bytes.split(separator: UInt8(ascii: "\n"))
        .count { JSONValue(Array($0))?["line"].text != nil }
    }
    // In ten seconds.
    #expect((15...20).contains(shown), "\(shown)")
  }
}

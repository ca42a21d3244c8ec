import Glibc
import Synchronization
import Testing
import WeirJSON
import WeirMetrics
import WeirSockets

@testable import WeirDaemon

@Suite("Taps")
struct TapTests {
  private func matches(_ filter: TapFilter, _ line: String) -> Bool {
    // Somewhere in a batch.
    let bytes = Array("x:1|c\n\(line)\ny:1|c".utf8)
    return filter.matches(bytes.span, 6..<6 + line.utf8.count)
  }

  @Test(
    "a name matches with the tags that are in it, and without",
    arguments: [
      ("llm_*", "llm_requests:1|c|#a:b", true), ("llm_*", "other:1|c", false),
      ("llm_requests", "llm_requests:1|c", true),
      ("llm_requests", "llm_requests,model=x:1|c", true),
      ("queue#1.size", "queue#1.size:3|g", true),
      ("queue", "queue#1.size:3|g", true), ("*", "a:1|c", true), ("a", "ab:1|c", false),
    ])
  func name(glob: String, line: String, isMatch: Bool) {
    var filter = TapFilter()
    filter.name = NameGlob(glob)
    #expect(matches(filter, line) == isMatch)
  }

  @Test(
    "a label matches a whole tag, in every style",
    arguments: [
      ("model", "x", "a:1|c|#model:x", true), ("model", "x", "a:1|c|#b:c,model:x,d:e", true),
      ("model", "x", "a:1|c|#model:xy", false), ("model", "x", "a:1|c|#mymodel:x", false),
      ("model", "x", "a,model=x:1|c", true), ("model", "x", "a;model=x;b=c:1|c", true),
      ("model", "x", "a[model=x]:1|c", true), ("model", "x", "a#model=x:1|c", true),
      ("url", "http", "a:1|c|#url:http://x", false),
      ("url", "http://x", "a:1|c|#url:http://x", true),
      ("model", "x", "a:1|c|#model:x|@0.5", true), ("model", "x", "model:x|c", false),
      ("model", "x", "a:1|c", false),
    ])
  func label(key: String, value: String, line: String, isMatch: Bool) {
    var filter = TapFilter()
    filter.add(label: Array(key.utf8), value: Array(value.utf8))
    #expect(matches(filter, line) == isMatch)
  }

  /// A clock that a test moves.
  private final class Clock: Sendable {
    private let seconds = Mutex(0.0)
    var now: Double { seconds.withLock { $0 } }
    func advance(by some: Double) { seconds.withLock { $0 += some } }
  }

  private func line(_ text: String) -> Tap.Line {
    Tap.Line(
      time: .init(tv_sec: 1, tv_nsec: 5_000_000), bytes: Array(text.utf8), isCut: false,
      sender: "10.0.0.1:1",
      reason: nil)
  }

  private func objects(_ tap: Tap) -> [JSONValue] {
    tap.take().bytes.split(separator: UInt8(ascii: "\n")).compactMap { JSONValue(Array($0)) }
  }

  @Test("lines are shown at most at the rate, and the others are counted")
  func rate() {
    let clock = Clock()
    let tap = Tap(TapFilter(), rate: 50, limit: 1_000) { clock.now }
    var (shown, notShown) = (0, 0)
    for _ in 0..<20 {
      tap.consider { window in for number in 0..<100 { window.consider { line("\(number)") } } }
      clock.advance(by: 0.11)
      for object in objects(tap) {
        if object["line"].text != nil { shown += 1 }
        notShown += object["not_shown"].integer ?? 0
      }
    }
    #expect(shown == 100)
    #expect(notShown == 1_900)
  }

  @Test("each line has the same chance, whichever batch it comes in")
  func fair() {
    let clock = Clock()
    var found = [String: Int]()
    for _ in 0..<400 {
      let tap = Tap(TapFilter(), rate: 50, limit: 1_000) { clock.now }
      // A lone line, and a batch of 99.
      tap.consider { $0.consider { line("lone") } }
      tap.consider { window in for _ in 0..<99 { window.consider { line("many") } } }
      clock.advance(by: 0.11)
      for object in objects(tap) {
        if let text = object["line"].text { found[text, default: 0] += 1 }
      }
    }
    #expect(found["lone", default: 0] + found["many", default: 0] == 2_000)
    // 20 are expected.
    #expect((4...50).contains(found["lone", default: 0]), "\(found)")
  }

  @Test("it ends at its limit, and then shows nothing more")
  func limit() {
    let clock = Clock()
    let tap = Tap(TapFilter(), rate: 1_000, limit: 3) { clock.now }
    tap.consider { window in for number in 0..<5 { window.consider { line("\(number)") } } }
    clock.advance(by: 1)
    let objects = objects(tap)
    #expect(objects.compactMap { $0["line"].text } == ["0", "1", "2"])
    #expect(objects.last?["end"].text == "limit")
    #expect(objects.contains { $0["not_shown"].integer == 2 })
    #expect(tap.take().isLast)
  }

  @Test("what waits when it is ended is shown, and what comes after the end is not")
  func ended() {
    let clock = Clock()
    let tap = Tap(TapFilter(), rate: 100, limit: 100) { clock.now }
    tap.consider { $0.consider { line("before") } }
    tap.end(because: "time")
    tap.consider { $0.consider { line("after") } }
    clock.advance(by: 1)
    tap.consider { $0.consider { line("after") } }
    tap.end(because: "stop")
    let objects = objects(tap)
    #expect(objects.compactMap { $0["line"].text } == ["before"])
    #expect(objects.compactMap { $0["end"].text } == ["time"])
  }

  @Test("after a silence no more is shown than the rate allows")
  func silence() {
    let clock = Clock()
    let tap = Tap(TapFilter(), rate: 50, limit: 1_000) { clock.now }
    clock.advance(by: 60)
    for _ in 0..<20 {
      tap.consider { window in for number in 0..<100 { window.consider { line("\(number)") } } }
    }
    clock.advance(by: 0.11)
    let shown = objects(tap).count { $0["line"].text != nil }
    #expect(shown == 5)
  }

  @Test("a reader that does not read gets no more than a megabyte, and is told what is missing")
  func slow() {
    let clock = Clock()
    let tap = Tap(TapFilter(), rate: 10_000, limit: 1_000_000) { clock.now }
    let long = String(repeating: "x", count: 4_000)
    for _ in 0..<20 {
      tap.consider { window in for _ in 0..<1_000 { window.consider { line(long) } } }
      clock.advance(by: 0.11)
    }
    let (bytes, _) = tap.take()
    #expect(bytes.count < Tap.waitingBytesMax + 2 * 4_200)
    let last = bytes.split(separator: UInt8(ascii: "\n")).last.flatMap { JSONValue(Array($0)) }
    #expect((last?["not_shown"].integer ?? 0) > 15_000)
  }

  @Test("what is not UTF-8 is written out, and a cut line says so")
  func foreign() {
    let clock = Clock()
    let tap = Tap(TapFilter(), rate: 10, limit: 10) { clock.now }
    tap.consider {
      $0.consider {
        Tap.Line(
          time: .init(tv_sec: 1, tv_nsec: 5_000_000), bytes: [0xff, 0x22], isCut: true, sender: "s",
          reason: "bad_value")
      }
    }
    clock.advance(by: 1)
    let object = objects(tap).first
    #expect(object?["line"].text == "\\xff\"" && object?["cut"].flag == true)
    #expect(object?["time_ms"].integer == 1_005 && object?["reason"].text == "bad_value")
  }

  @Test("there are four at most, and a place is free again after one is closed")
  func places() throws {
    let watch = Watch()
    let desk = TapDesk(watch: watch)
    let taps = (0..<5).map { _ in Tap(TapFilter(), rate: 1, limit: 1) }
    for tap in taps.prefix(4) { try desk.open(tap) }
    #expect(watch.current == .taps)
    #expect(throws: ApiFailure.self) { try desk.open(taps[4]) }
    desk.close(taps[0])
    try desk.open(taps[4])
    for tap in taps { desk.close(tap) }
    #expect(watch.current == [])
    try desk.open(taps[0])
    desk.stop()
    #expect(taps[0].take().isLast)
    #expect(throws: ApiFailure.self) { try desk.open(taps[1]) }
  }
}

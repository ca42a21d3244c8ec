import TestSupport
import Testing
import WeirAggregation
import WeirBytes
import WeirForwarding
import WeirMetrics
import WeirPush

@Suite("Rows as frames")
struct ForwardFramesTests {
  private static let start: UInt64 = 1_700_000_000_000

  private static func settings(
    labels: [ForwardLabel] = [], frameBytes: Int = PushFormat.frameBytesDefault
  ) -> ForwardFrames.Settings {
    ForwardFrames.Settings(
      instance: 77, startMilliseconds: start, frameBytes: frameBytes, labels: labels)
  }

  private static func all(
    _ aggregator: Aggregator, _ settings: ForwardFrames.Settings = settings()
  ) -> FrameBatch {
    var reader = ForwardReader(aggregator)
    var frames = ForwardFrames(settings, from: 1)
    frames.begin(
      at: .init(ageMilliseconds: 20_000, wallMilliseconds: start + 20_000, second: 0))
    reader.begin(ForwardChoice(since: 0, repeatsUnconfirmed: true, share: 0))
    #expect(reader.read(into: &frames, upTo: .max))
    frames.finish()
    return frames.batch
  }

  @Test(
    "A counter is the same bytes as the plain writer makes of it, also one that is older than the instance",
    arguments: [(0, 10_000), (9_999, 1), (10_000, 0), (60_000, 0)] as [(UInt64, UInt64)])
  func counterBytes(later: UInt64, began: UInt64) {
    let start = Self.start + later
    var weir = Counted(shards: 1)
    weir.text("hits:3|c|#code:200,path:/a")
    var settings = Self.settings(labels: [ForwardLabel("host", "web-1")])
    settings.startMilliseconds = start
    let batch = Self.all(weir.aggregator, settings)
    var writer = PushFrameWriter()
    writer.begin(room: 1_000, common: [.init("host", "web-1")])
    _ = writer.append(.clock(sentMilliseconds: Self.start + 20_000))
    _ = writer.append(.forwarder)
    _ = writer.append(
      .counter(
        .init("hits", labels: [.init("code", "200"), .init("path", "/a")]), total: 3,
        beganMilliseconds: began))
    var frame = ByteWriter()
    PushFrameHead(
      instance: 77, startMilliseconds: start, sequence: 1, ageMilliseconds: 20_000,
      flags: .confirm
    ).write(to: &frame)
    writer.write(to: &frame)
    #expect(batch.frames == [frame.bytes])
    #expect(batch.records == 1)
  }

  @Test("What arrives at another Weir is what was counted, whatever the names", arguments: 0..<12)
  func travels(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    var rules = SeriesRules()
    if seed % 3 == 1 { rules.defaultObserver = .native(NativeOptions(), keepsBuckets: false) }
    if seed % 3 == 2 { rules.defaultBounds = HistogramBounds(upper: [0.1, 1, 7.25]) }
    var weir = Counted(rules: rules)
    let texts = ["a", "é漢", "x\\y", "q\"q", "with space", String(repeating: "l", count: 200)]
    for _ in 0..<600 {
      let name = "m\(Int.random(in: 0..<40, using: &random))"
      let tags = (0..<Int.random(in: 0...3, using: &random)).map {
        "t\($0):\(random.pick(texts))\(Int.random(in: 0..<5, using: &random))"
      }
      let end = tags.isEmpty ? "" : "|#\(tags.joined(separator: ","))"
      switch Int.random(in: 0..<5, using: &random) {
      case 0: weir.text("c_\(name):\(Int.random(in: 0..<900, using: &random))|c\(end)")
      case 1: weir.text("c_\(name):\(Double.random(in: 0..<9, using: &random))|c|@0.3\(end)")
      case 2: weir.text("g_\(name):\(Int.random(in: 0..<900, using: &random))|g\(end)")
      case 3: weir.text("g_\(name):-\(Int.random(in: 0..<900, using: &random))|g\(end)")
      default: weir.text("h_\(name):\(Double.random(in: 0..<90, using: &random))|ms\(end)")
      }
    }
    weir.text("users:\((0..<50).map { "u\($0)" }.joined(separator: ":"))|s")
    var other = Receiving(rules: rules)
    let batch = Self.all(
      weir.aggregator, Self.settings(frameBytes: seed % 2 == 0 ? 1_432 : 32_768))
    for (index, frame) in batch.frames.enumerated() {
      let header = try other.take(frame)
      #expect(header.sequence == UInt64(index + 1))
      #expect(header.wantsAnswer && header.isForwarder)
      #expect(frame.count <= (seed % 2 == 0 ? 1_432 : 32_768))
    }
    #expect(other.refused.isEmpty)
    #expect(shown(other.aggregator) == shown(weir.aggregator))
  }

  @Test("A set with thousands of members goes in one long frame, and counts the same")
  func largeSet() throws {
    var weir = Counted()
    for number in 0..<3_000 { weir.text("users:u\(number)|s|#a:b") }
    weir.text("hits:1|c")
    var other = Receiving()
    let batch = Self.all(weir.aggregator)
    for frame in batch.frames { _ = try other.take(frame) }
    #expect(batch.frames.contains { $0.count > 4_000 })
    #expect(other.refused.isEmpty)
    #expect(shown(other.aggregator) == shown(weir.aggregator))
  }

  @Test("A signed frame ends with the tag of its bytes")
  func signs() {
    var weir = Counted()
    weir.text("hits:1|c")
    var settings = Self.settings()
    settings.keyID = Array("k1".utf8)
    settings.sign = { bytes, range in
      [UInt8](repeating: UInt8(range.count & 0xFF), count: PushFormat.tagBytes)
    }
    let frames = Self.all(weir.aggregator, settings).frames
    #expect(frames.count == 1)
    let length = frames[0].count - PushFormat.tagBytes
    #expect(frames[0].suffix(PushFormat.tagBytes).allSatisfy { $0 == UInt8(length & 0xFF) })
    #expect(frames[0][3] == 0b101)
    #expect(frames[0][4...6].elementsEqual([2] + Array("k1".utf8)))
  }

  @Test("A label of all series gives way to a series' own of the same name")
  func labels() throws {
    var weir = Counted()
    weir.text("a:1|c\nb:2|c|#host:own\nc:3|c|#path:x\ng:4|g|#host:own\nh:0|ms|#host:own")
    var other = Receiving()
    let settings = Self.settings(labels: [ForwardLabel("host", "web-1"), ForwardLabel("zone", "z")])
    for frame in Self.all(weir.aggregator, settings).frames { _ = try other.take(frame) }
    #expect(
      shown(other.aggregator).map { $0.prefix { $0 != "}" } + "}" } == [
        #"counter a{host="web-1",zone="z"}"#, #"counter b{host="own",zone="z"}"#,
        #"counter c{host="web-1",path="x",zone="z"}"#, #"gauge g{host="own",zone="z"}"#,
        #"histogram h{host="own",zone="z"}"#,
      ])
  }

  @Test("A histogram with both kinds of buckets goes with the classic ones, which are exact")
  func bothBuckets() throws {
    var rules = SeriesRules()
    rules.defaultBounds = HistogramBounds(upper: [0.1, 1, 7.25])
    let plain = rules
    rules.defaultObserver = .native(NativeOptions(schema: .coarsest), keepsBuckets: true)
    var weir = Counted(rules: rules)
    weir.text("h:0.0999:0.1001:0.9999:1.0001:7.2499:7.2501|h")
    var other = Receiving(rules: plain)
    for frame in Self.all(weir.aggregator).frames { _ = try other.take(frame) }
    #expect(other.refused.isEmpty)
    #expect(shown(other.aggregator).map { $0.suffix(20) } == ["[1.0, 2.0, 2.0, 1.0]"])
  }

  @Test("Only the last frames of an instance say that it ends", arguments: [false, true])
  func isLast(_ isLast: Bool) throws {
    var frames = ForwardFrames(Self.settings(), from: 8)
    frames.isLast = isLast
    frames.begin(at: .init(ageMilliseconds: 1, wallMilliseconds: 0, second: 0))
    frames.heartbeat()
    var other = Receiving()
    let header = try other.take(try #require(frames.batch.frames.first))
    #expect(header.isFinal == isLast)
    #expect(header.sequence == 8)
    // A clock of 0 would mean that there is none.
    #expect(header.clockMilliseconds == 1)
    #expect(header.isForwarder)
    #expect(frames.batch.records == 0)
  }
}

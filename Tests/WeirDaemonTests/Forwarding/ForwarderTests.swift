import Testing
import WeirAggregation
import WeirBytes
import WeirConfiguration
import WeirForwarding
import WeirMetrics
import WeirPush
import WeirSecurity
import WeirState
import WeirWire

@testable import WeirDaemon

@Suite("Rounds of the forwarder")
struct ForwarderTests {
  private let aggregator = Aggregator(countsGaugeSettings: true)
  private let log = Log(level: .error, format: .logfmt)

  private func count(_ lines: String) {
    var router = SampleRouter(aggregator: aggregator, reader: StatsDIdentityReader())
    var batch = SampleBatch()
    let bytes = Array(lines.utf8)
    StatsDDecoder().decode(bytes.span, from: 0, to: bytes.count, into: &batch)
    router.apply(&batch, bytes: bytes.span)
  }

  private func instance(next: UInt64 = 1) -> ForwarderInstance {
    ForwarderInstance(
      StateForwarder(
        id: InstanceID(number: 9, startMilliseconds: 1_700_000_000_000), nextSequence: next,
        place: "/here", ageMilliseconds: 500), clock: { 0 })
  }

  private func desk(_ key: ForwardKey? = nil) -> ForwardDesk {
    ForwardDesk(instance: 9, key: key, clock: { 0 }, wallSeconds: { 1_700_000_001 })
  }

  private func forwarder(
    _ instance: ForwarderInstance, _ desk: ForwardDesk, _ hop: FakeHop,
    _ state: ForwardState = ForwardState()
  ) -> Forwarder {
    Forwarder(
      aggregator: aggregator, instance: instance,
      frames: .init(instance: 9, startMilliseconds: 1_700_000_000_000), desk: desk, hop: hop,
      state: state, log: log, wallMilliseconds: { 1_700_000_001_000 })
  }

  @Test("What is sent was committed before, with the number of the next frame")
  func commits() async {
    let (instance, desk) = (instance(next: 41), desk())
    let hop = FakeHop(desk)
    let committed = Locked<[UInt64]>([])
    var state = ForwardState()
    state.commit = {
      committed.withLock { $0.append(instance.nextSequence) }
      return .send
    }
    count("hits:1|c")
    let forwarder = forwarder(instance, desk, hop, state)
    await forwarder.round()
    #expect(committed.withLock { $0 } == [42])
    #expect(await hop.sequences == [41])
    var blocks = StateBlocks()
    instance.append(to: &blocks)
    #expect(blocks.byteCount > 0)
  }

  @Test("Nothing is sent while an old state could be restored, and all of it afterwards")
  func holds() async {
    let (instance, desk) = (instance(), desk())
    let hop = FakeHop(desk)
    let verdict = Locked(ForwardVerdict.hold)
    var state = ForwardState()
    state.commit = { verdict.withLock { $0 } }
    count("hits:1|c")
    let forwarder = forwarder(instance, desk, hop, state)
    await forwarder.round()
    #expect(await hop.batches.isEmpty)
    #expect(desk.meter.reading.roundsSkipped == 1)
    verdict.withLock { $0 = .send }
    await forwarder.round()
    #expect(await hop.batches.count == 1)
    #expect(await hop.batches.first?.records == 1)
  }

  @Test("After five rounds without an answer only changes and a share are sent")
  func silence() async {
    let (instance, desk) = (instance(), desk())
    let hop = FakeHop(desk, answers: false)
    for number in 0..<600 { count("hits:1|c|#n:\(number)") }
    aggregator.expire(atSecond: 10)
    let forwarder = forwarder(instance, desk, hop)
    for _ in 0..<10 { await forwarder.round() }
    let records = await hop.batches.map(\.records)
    #expect(records.prefix(5) == [600, 600, 600, 600, 600])
    #expect(records.suffix(4).allSatisfy { $0 < 40 })
    #expect(desk.meter.reading.unconfirmedSeries == 600)
    // It answers again.
    desk.hearAll(await hop.batches.flatMap(\.names))
    for _ in 0..<2 { await forwarder.round() }
    #expect(desk.meter.reading.unconfirmedSeries < 60)
  }

  @Test("Only answers with the right signature confirm")
  func signedAnswers() {
    let key = ForwardKey(
      id: Array("k".utf8), message: MessageKey(secret: [UInt8](repeating: 7, count: 16)))
    let desk = desk(key)
    func answer(_ key: ForwardKey?) -> [UInt8] {
      var writer = ByteWriter()
      PushFrameHead.writeAnswer(to: 9, sequence: 3, isSigned: key != nil, into: &writer)
      let span = writer.bytes.span
      return writer.bytes + (key?.message.tag(of: span, in: 0..<span.count) ?? [])
    }
    desk.hear([answer(nil)])
    var forged = answer(key)
    forged[forged.count - 1] ^= 1
    desk.hear([forged, [1, 2, 3], []])
    #expect(desk.takeConfirmed() == [])
    desk.hear([answer(key)])
    #expect(desk.takeConfirmed() == [3])
  }

  /// Rounds in which rows are neither new nor of the share, after one in which they were.
  private func settled(_ forwarder: Forwarder) async {
    for second in 1...3 as ClosedRange<UInt32> {
      aggregator.expire(atSecond: second)
      await forwarder.round()
    }
  }

  @Test("A round sends what has changed since the cut of the one before")
  func since() async {
    let (instance, desk) = (instance(), desk())
    let hop = FakeHop(desk)
    let forwarder = forwarder(instance, desk, hop)
    for name in ["a", "b", "c"] { count("\(name):1|c") }
    await settled(forwarder)
    let before = await hop.batches.count
    aggregator.expire(atSecond: 4)
    count("a:1|c")
    await forwarder.round()
    // In the second of that cut, so that it may have missed it.
    count("b:1|c")
    aggregator.expire(atSecond: 5)
    await forwarder.round()
    aggregator.expire(atSecond: 6)
    await forwarder.round()
    let records = await hop.batches.dropFirst(before).map(\.records)
    // In the second round `a` comes again, because it changed in the second of the first one.
    #expect(records == [1, 2])
  }

  @Test("Only an instance that does not go on after a restart says that it ends")
  func ends() async throws {
    for isKept in [false, true] {
      let (instance, desk) = (instance(), desk())
      let hop = FakeHop(desk)
      var state = ForwardState()
      state.isKept = isKept
      let forwarder = forwarder(instance, desk, hop, state)
      count("hits:1|c")
      await forwarder.round()
      #expect(await forwarder.finish())
      let frames = await hop.frames
      let ends = frames.map { PushFormat.Flags(rawValue: $0[3]).contains(.final) }
      #expect(ends == [false, !isKept])
    }
  }

  @Test("A stop sends again and again until all is confirmed, however long nothing has answered")
  func stops() async {
    for (unanswered, second) in [(0, 10), (4, 20)] as [(Int, UInt32)] {
      let (instance, desk) = (instance(), desk())
      let hop = FakeHop(desk, answers: unanswered == 0)
      let forwarder = forwarder(instance, desk, hop)
      for _ in 0..<10 { await forwarder.round() }
      let before = await hop.batches.count
      count("hits:1|c")
      aggregator.expire(atSecond: second)
      await hop.answer(after: unanswered)
      #expect(await forwarder.finish(milliseconds: 60_000))
      let records = await hop.batches.dropFirst(before).map(\.records).filter { $0 > 0 }
      #expect(records == Array(repeating: 1, count: unanswered + 1))
    }
    count("hits:1|c")
    let (instance, desk) = (instance(), desk())
    #expect(await !forwarder(instance, desk, FakeHop(desk, takes: 0)).finish(milliseconds: 1))
  }

  @Test("Frames that the next hop does not take count as failed, and are sent again")
  func failed() async {
    let (instance, desk) = (instance(), desk())
    let hop = FakeHop(desk, takes: 0)
    let forwarder = forwarder(instance, desk, hop)
    count("hits:1|c")
    for _ in 0..<3 { await forwarder.round() }
    let reading = desk.meter.reading
    #expect(reading.frames == 0)
    #expect(reading.framesFailed == 3)
    #expect(await hop.batches.map(\.records) == [1, 1, 1])
  }

  @Test("A round without changes is a frame now and then, which shows that both are there")
  func heartbeats() async {
    let (instance, desk) = (instance(), desk())
    let hop = FakeHop(desk)
    let forwarder = forwarder(instance, desk, hop)
    for _ in 0..<20 { await forwarder.round() }
    #expect(await hop.sequences == [1, 2, 3, 4])
    #expect(await hop.batches.allSatisfy { $0.records == 0 })
    #expect(desk.meter.reading.confirmed == 3, "the last one is looked at in the next round")
    // An answer that comes twice, or to no frame, counts once.
    desk.hearAll([4, 4, 99].map { .init(instance: 9, sequence: $0) })
    await forwarder.round()
    #expect(desk.meter.reading.confirmed == 4)
  }

  @Test("The instance grows older from the age that was saved")
  func age() {
    let now = Locked<UInt64>(70)
    let instance = ForwarderInstance(
      StateForwarder(
        id: InstanceID(number: 9, startMilliseconds: 5), nextSequence: 41, place: "/here",
        ageMilliseconds: 500), clock: { now.withLock { $0 } })
    #expect(instance.age == 500)
    now.withLock { $0 = 75 }
    #expect(instance.age == 505)
    instance.reserve(upTo: 44)
    instance.reserve(upTo: 43)
    #expect(instance.nextSequence == 44)
  }

  @Test("The end of an instance is sent also if there is nothing else")
  func endsQuietly() async {
    let (instance, desk) = (instance(), desk())
    let hop = FakeHop(desk)
    let forwarder = forwarder(instance, desk, hop)
    #expect(await forwarder.finish())
    #expect(await hop.batches.map(\.records) == [0])
    let flags = await hop.frames.map { PushFormat.Flags(rawValue: $0[3]) }
    #expect(flags == [[.final, .confirm]])
  }

  @Test("Five rounds without an answer are counted from the last answer")
  func silentSince() async {
    let (instance, desk) = (instance(), desk())
    let hop = FakeHop(desk)
    let forwarder = forwarder(instance, desk, hop)
    // The frame of the 15th round is answered.
    for _ in 0..<15 { await forwarder.round() }
    await hop.answer(false)
    let before = await hop.batches.count
    count("hits:1|c")
    for second in 5...16 as ClosedRange<UInt32> {
      await forwarder.round()
      aggregator.expire(atSecond: second)
    }
    // It has not changed after the first round, and is repeated until the fifth one after that answer.
    let records = await hop.batches.dropFirst(before).map(\.records).filter { $0 > 0 }
    #expect((4...6).contains(records.count), "\(records)")
  }

  @Test("Series that fit into no frame are counted")
  func tooLong() async {
    var limits = SeriesLimits()
    (limits.seriesBytesMax, limits.labelValueBytesMax) = (65_536, 65_536)
    let aggregator = Aggregator(limits: limits)
    var router = SampleRouter(aggregator: aggregator, reader: StatsDIdentityReader())
    var batch = SampleBatch()
    let bytes = Array("a:1|c|#l:\(String(repeating: "x", count: 65_500))\nb:1|c".utf8)
    StatsDDecoder().decode(bytes.span, from: 0, to: bytes.count, into: &batch)
    router.apply(&batch, bytes: bytes.span)
    let (instance, desk) = (instance(), desk())
    let hop = FakeHop(desk)
    let forwarder = Forwarder(
      aggregator: aggregator, instance: instance,
      frames: .init(instance: 9, startMilliseconds: 1_700_000_000_000), desk: desk, hop: hop,
      log: log, wallMilliseconds: { 1_700_000_001_000 })
    await forwarder.round()
    #expect(desk.meter.reading.seriesTooLong == 1)
    #expect(await hop.batches.map(\.records) == [1])
  }

  @Test("The block of the state file has the instance, its next frame, its place and its age")
  func block() throws {
    let now = Locked<UInt64>(70)
    let instance = ForwarderInstance(
      StateForwarder(
        id: InstanceID(number: 9, startMilliseconds: 5), nextSequence: 41, place: "/here",
        ageMilliseconds: 500), clock: { now.withLock { $0 } })
    now.withLock { $0 = 100 }
    var blocks = StateBlocks()
    instance.append(to: &blocks)
    // A block has a head of 12 bytes.
    let payload = Array(blocks.bytes.dropFirst(12))
    #expect(
      payload == [9, 0, 0, 0, 0, 0, 0, 0, 5, 41, 5] + Array("/here".utf8) + [0x92, 0x04])
  }
}

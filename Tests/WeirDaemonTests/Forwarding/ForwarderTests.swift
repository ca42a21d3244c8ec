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

/// A next hop that keeps what it gets, and answers as it is told.
private actor FakeHop: NextHop {
  private let desk: ForwardDesk
  private(set) var batches: [FrameBatch] = []
  private let answers: Bool

  init(_ desk: ForwardDesk, answers: Bool = true) {
    self.desk = desk
    self.answers = answers
  }

  func send(_ batch: FrameBatch) async -> Int {
    batches.append(batch)
    if answers { desk.hearAll(batch.names) }
    return batch.count
  }

  func stop() {}

  var sequences: [UInt64] { batches.flatMap { $0.names.map(\.sequence) } }
}

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

  @Test("HTTP: a 204 confirms all frames of a body, a 503 none")
  func http() async throws {
    let desk = desk()
    let url = try #require(ForwardURL("https://u:p%40ss@weir.test/api/v1/push"))
    let status = Locked(503)
    let bodies = Locked<[[UInt8]]>([])
    let hop = HTTPNextHop(url: url, desk: desk, log: log) {
      { body, _ throws(CurlPost.Failure) in
        bodies.withLock { $0.append(body) }
        return CurlPost.Answer(status: status.withLock { $0 }, text: "no\n")
      }
    }
    var batch = FrameBatch()
    for sequence in 1...3 as ClosedRange<UInt64> {
      batch.append(
        [UInt8](repeating: UInt8(sequence), count: 400_000),
        .init(instance: 9, sequence: sequence))
    }
    #expect(await hop.send(batch) == 0)
    #expect(desk.takeConfirmed() == [])
    status.withLock { $0 = 204 }
    #expect(await hop.send(batch) == 3)
    #expect(desk.takeConfirmed() == [1, 2, 3])
    let sizes = bodies.withLock { $0.map(\.count) }
    #expect(sizes == [800_006, 800_006, 400_003])
  }
}

import Glibc
import Testing
import WeirAggregation
import WeirBytes
import WeirForwarding
import WeirHTTP
import WeirMetrics
import WeirPush
import WeirSecurity
import WeirSockets
import WeirWire

@testable import WeirConfiguration
@testable import WeirDaemon

@Suite("Frames that are passed on", .timeLimit(.minutes(2)))
struct ForwardDeskTests: DeskFixture {
  let clock = ManualMilliseconds()

  @Test("A client over UDP is answered when the next hop has answered, and not before")
  func answers() async throws {
    for key in [nil, Self.key] {
      let desk = desk(key: key)
      let socket = try UDPSocket.bind(to: .loopback(port: 0), flag: "--flag")
      let sender = try UDPSender.connect(to: socket.address)
      var batch = DatagramBatch()
      var pipeline = IngestPipeline(
        aggregator: Aggregator(), options: StatsDOptions(), admission: ListenerFilter(),
        pushed: weir(desk), meter: IngestMeter(), refused: RefusedLines(),
        answers: .relayed(try AnswerSocket(of: socket)), log: log,
        now: { PipelineHarness.time })
      var buffer = [UInt8](repeating: 0, count: 100)
      func heard() throws -> [UInt8]? {
        var span = buffer.mutableSpan
        let count = try sender.receive(into: &span)
        return count.map { Array(buffer[..<$0]) }
      }
      func ingest() throws {
        try sender.send(frame(1).span)
        #expect(try batch.receive(from: socket) == 1)
        pipeline.ingest(batch)
      }
      try ingest()
      #expect(try heard() == nil)
      let passed = await taken(desk)
      #expect(passed.count == 1)
      #expect(try heard() == nil)
      if let key, let frame = passed.first {
        #expect(PushFormat.Flags(rawValue: frame[3]) == [.signed, .confirm])
        let isSigned = key.message.verifies(
          frame.span, in: 0..<frame.count - PushFormat.tagBytes)
        #expect(isSigned)
        // An answer without a signature is not the next hop's.
        desk.hear([answer(1)])
      } else {
        #expect(passed == [frame(1)])
      }
      desk.hear([answer(2, key), answer(1, key).dropLast()])
      #expect(try heard() == nil)
      desk.hear([answer(1, key)])
      #expect(try heard() == answer(1))
      #expect(try heard() == nil)
      // Who repeats it now gets the answer at once, and the next hop does not get the frame again.
      try ingest()
      #expect(try heard() == answer(1))
      #expect(await taken(desk).isEmpty)
      #expect(desk.relayTotals == RelayTotals(passed: 1, confirmed: 1))
    }
  }

  @Test("A frame that asks for no answer asks the next hop for one")
  func confirms() async throws {
    let desk = desk()
    var pipeline = pipeline(weir(desk))
    let bytes = frame(1, flags: [])
    let known = try ingest(bytes, into: &pipeline)
    #expect(known == nil)
    #expect(await taken(desk) == [frame(1)])
    desk.hear([answer(1)])
    #expect(desk.relayTotals.confirmed == 1)
  }

  @Test("A request is confirmed when the next hop has answered its last frame")
  func requests() async {
    let desk = desk()
    func pass(_ sequence: UInt64, _ request: RelayedRequest)
      -> FrameRelay<ForwardDesk.Reply>.Verdict
    {
      desk.pass(
        name(sequence), frame: frame(sequence), answer: answer(sequence),
        reply: .request(request))
    }
    let (first, second) = (RelayedRequest(), RelayedRequest())
    #expect(pass(1, first) == .pass)
    #expect(pass(2, first) == .pass)
    #expect(pass(1, second) == .wait)
    desk.hear([answer(1)])
    #expect(await second.wait(seconds: 5))
    let isDone = await first.wait(seconds: 0.01)
    #expect(!isDone)
    // It was given up. Who sends the frames again waits for the second one only.
    let third = RelayedRequest()
    #expect(pass(1, third) == .answered)
    #expect(pass(2, third) == .wait)
    desk.hearAll([name(2)])
    #expect(await third.wait(seconds: 5))
    #expect(desk.takeConfirmed() == [], "they are not this Weir's own")
  }

  @Test("A page answers 204 when the next hop has answered, or says why it never will")
  func page() async {
    for isSigned in [false, true] {
      let desk = desk()
      let page = PushPage(
        weir(desk, knowsKeys: isSigned), refused: RefusedLines(), log: log,
        now: { PipelineHarness.time })
      var request = HTTPRequest(
        method: "POST", path: PushPage.path,
        headers: ["Content-Type": PushPage.contentType])
      let frame = isSigned ? signedFrame(1) : frame(1)
      request.body = [UInt8(frame.count)] + frame
      let name = name(1)
      desk.onWaiting { desk.hearAll([name]) }
      let response = await page.respond(to: request)
      if isSigned {
        #expect(response.status == 503)
        guard case .bytes(let body) = response.body else { continue }
        #expect(
          String(decoding: body, as: UTF8.self)
            == "the next hop confirms no signed frame without confirm; set confirm in each frame\n")
      } else {
        #expect(response.status == 204)
        #expect(desk.relayTotals == RelayTotals(passed: 1, confirmed: 1))
      }
    }
  }

  @Test(
    "A signed frame without confirm is passed on once over UDP, and until it is confirmed over HTTP",
    arguments: [false, true])
  func signed(isHTTP: Bool) async throws {
    let desk = desk(confirmsAll: isHTTP)
    let wakes = Locked(0)
    desk.onWaiting { wakes.withLock { $0 += 1 } }
    var pipeline = pipeline(weir(desk, knowsKeys: true))
    func pass(_ bytes: [UInt8], _ request: RelayedRequest) throws {
      let known = try ingest(bytes, into: &pipeline, request)
      #expect(known == nil)
    }
    let request = RelayedRequest()
    try pass(signedFrame(1), request)
    #expect(wakes.withLock { $0 } == 1)
    #expect(await taken(desk) == [signedFrame(1)], "as its client has signed it")
    clock.set(400)
    #expect(desk.takeDue().count == (isHTTP ? 1 : 0))
    desk.hearAll([name(1)])
    #expect(await request.wait(seconds: 5) == isHTTP)
    #expect((request.refusal != nil) == !isHTTP)
    // It is not sent again.
    try pass(signedFrame(1), RelayedRequest())
    #expect(await taken(desk) == [])
    #expect(desk.relayTotals.dropped == 0)
    // One that asks for an answer is like any other.
    let other = RelayedRequest()
    try pass(signedFrame(2, flags: .confirm), other)
    #expect(await taken(desk) == [signedFrame(2, flags: .confirm)])
    desk.hearAll([name(2)])
    #expect(await other.wait(seconds: 5))
  }

  @Test("An answer to a frame that its client signed is signed with the client's key")
  func signedAnswer() async throws {
    let desk = desk(key: Self.key)
    var pipeline = pipeline(weir(desk, knowsKeys: true))
    let bytes = signedFrame(1, flags: .confirm)
    let client = ForwardKey(
      id: Array("client".utf8), message: MessageKey(secret: [UInt8](repeating: 5, count: 16)))
    let known = try ingest(bytes, into: &pipeline)
    #expect(known == nil)
    desk.hear([answer(1), answer(1, Self.key)])
    #expect(desk.relayTotals.confirmed == 0)
    desk.hear([answer(1, client)])
    #expect(desk.relayTotals.confirmed == 1)
    let repeated = try ingest(bytes, into: &pipeline)
    #expect(repeated?.bytes == answer(1, client))
  }
}

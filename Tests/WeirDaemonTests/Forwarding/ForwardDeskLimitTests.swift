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

@Suite("Frames that go round, or are too long or too many", .timeLimit(.minutes(2)))
struct ForwardDeskLimitTests: DeskFixture {
  let clock = ManualMilliseconds()

  @Test("A frame goes round once in a circle of Weirs, and nobody is told that it was confirmed")
  func circle() async throws {
    // Those that are kept, those that there is no room for, and signed ones without confirm.
    for (room, isSigned) in [(9, false), (0, false), (9, true), (0, true)] {
      let desks = [1, 2].map { instance in desk(instance) { $0.framesMax = room } }
      var first = pipeline(weir(desks[0], knowsKeys: isSigned))
      var second = pipeline(weir(desks[1], knowsKeys: isSigned))
      var (sent, answered) = (0, 0)
      var frames = [isSigned ? signedFrame(1) : frame(1)]
      for _ in 0..<6 {
        for bytes in frames where try ingest(bytes, into: &first) != nil {
          answered += 1
        }
        frames = await taken(desks[0])
        sent += frames.count
        for bytes in frames where try ingest(bytes, into: &second) != nil {
          answered += 1
        }
        frames = await taken(desks[1])
        sent += frames.count
      }
      #expect(sent == 2)
      #expect(answered == 0)
    }
  }

  @Test("This Weir's own frames are refused, and counted")
  func loop() throws {
    let desk = desk(Self.client)
    let pushed = weir(desk)
    var pipeline = pipeline(pushed)
    let bytes = frame(1)
    do throws(PushRefusal) {
      _ = try ingest(bytes, into: &pipeline)
      Issue.record("it was passed on")
    } catch {
      #expect(error == .loop)
    }
    #expect(desk.meter.reading.loops == 1)
    #expect(pushed.meter.reading.frames[Int(PushRefusal.loop.rawValue)] == 1)
  }

  /// Id and tag make an unsigned frame longer by 18 bytes.
  @Test(
    "The longest frame that can be signed is passed on, and a longer one refused", arguments: 0...1)
  func longest(excess: Int) async throws {
    let desk = desk(key: Self.key)
    var pipeline = pipeline(weir(desk))
    let bytes = frame(1, bytes: PushFormat.frameBytesMax - 18 + excess)
    let request = RelayedRequest()
    let known = try ingest(bytes, into: &pipeline, request)
    #expect(known == nil)
    let passed = await taken(desk)
    #expect(passed.map(\.count) == (excess == 0 ? [PushFormat.frameBytesMax] : []))
    #expect(desk.relayTotals.dropped == excess)
    desk.hear([answer(1, Self.key)])
    #expect(await request.wait(seconds: 5) == (excess == 0))
    #expect(
      request.refusal
        == (excess == 0
          ? nil : "a frame is too long to be signed by a forwarder; make frames shorter"))
  }

  @Test("Without a key any frame is passed on")
  func longestUnsigned() async throws {
    let desk = desk()
    var pipeline = pipeline(weir(desk))
    let bytes = frame(1, bytes: PushFormat.frameBytesMax)
    let known = try ingest(bytes, into: &pipeline)
    #expect(known == nil)
    #expect(await taken(desk) == [bytes])
  }

  @Test("Whoever drains is woken once, and again after the last frame was taken")
  func wakes() async {
    let desk = desk()
    let wakes = Locked(0)
    desk.onWaiting { wakes.withLock { $0 += 1 } }
    func pass(_ sequence: UInt64) {
      _ = desk.pass(name(sequence), frame: [1, 2], answer: [9], reply: nil)
    }
    for sequence in 1...3 as ClosedRange<UInt64> { pass(sequence) }
    #expect(wakes.withLock { $0 } == 1)
    #expect(await taken(desk).count == 3)
    pass(4)
    #expect(wakes.withLock { $0 } == 2)
    #expect(await taken(desk).count == 1)
    #expect(await taken(desk).count == 0)
    pass(5)
    #expect(wakes.withLock { $0 } == 3)
  }

  @Test("A next hop that takes nothing leaves no more than the outbox, and all else is sent later")
  func full() async {
    let desk = desk()
    let bytes = [UInt8](repeating: 1, count: 1 << 16)
    let fitting = ForwardDesk.outboxBytesMax >> 16
    for sequence in 1...UInt64(fitting) + 10 {
      #expect(desk.pass(name(sequence), frame: bytes, answer: [9], reply: nil) == .pass)
    }
    let hop = FakeHop(desk, answers: false, takes: 0)
    await desk.drain(to: hop)
    #expect(await hop.frames.count == fitting)
    clock.set(300)
    #expect(desk.takeDue().count == fitting + 10)
  }

  @Test("What is passed on once and does not fit is counted")
  func fullOnce() async throws {
    let desk = desk()
    for sequence in 1...UInt64(ForwardDesk.outboxBytesMax >> 16) {
      let bytes = [UInt8](repeating: 1, count: 1 << 16)
      _ = desk.pass(name(sequence + 100), frame: bytes, answer: [9], reply: nil)
    }
    var pipeline = pipeline(weir(desk, knowsKeys: true))
    let bytes = signedFrame(1)
    let known = try ingest(bytes, into: &pipeline)
    #expect(known == nil)
    #expect(desk.relayTotals.dropped == 1)
  }

  @Test("Answers to this Weir's own frames are for its forwarder, once")
  func own() {
    let desk = desk()
    desk.hearAll([
      .init(instance: Self.ownInstance, sequence: 4), name(1),
      .init(instance: Self.ownInstance, sequence: 5),
    ])
    #expect(desk.meter.reading.lastConfirmedSeconds == 1_700_000_001)
    #expect(desk.takeConfirmed() == [4, 5])
    #expect(desk.takeConfirmed() == [])
    // Without a key a signed answer is somebody else's.
    var writer = ByteWriter()
    PushFrameHead.writeAnswer(
      to: Self.ownInstance, sequence: 6, isSigned: true, into: &writer)
    desk.hear([writer.bytes + [UInt8](repeating: 0, count: PushFormat.tagBytes)])
    #expect(desk.takeConfirmed() == [])
  }
}

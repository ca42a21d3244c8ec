import Testing

@testable import WeirClient

@Suite("The last frames")
struct LastFramesTests {
  private static let frames: [LastFrames.Frame] = [
    .init(bytes: [1], answer: [101]), .init(bytes: [2], answer: [102]),
  ]

  @Test func `each frame is repeated until it is answered`() {
    let time = FakeTime()
    // The second frame's answers are lost three times, and something else is received.
    let transport = FakeTransport(time: time) { frame, before in
      if frame == [1] { return [101] }
      return before > 3 ? [102] : [7]
    }
    var last = LastFrames(Self.frames)
    let answered = last.deliver(
      over: transport, until: time.now + 60_000_000_000, clock: time.clock, sent: { _ in })
    #expect(answered)
    #expect(transport.sent == [[1], [2], [2], [2], [2]])
  }

  @Test func `without answers, frames are repeated at growing intervals until the deadline`() {
    let time = FakeTime()
    let transport = FakeTransport(time: time)
    var last = LastFrames(Self.frames)
    let answered = last.deliver(
      over: transport, until: time.now + 1_000_000_000, clock: time.clock, sent: { _ in })
    #expect(!answered)
    #expect(transport.sent == Array(repeating: [[1], [2]], count: 5).flatMap { $0 })
    #expect(transport.sentMilliseconds == [0, 0, 50, 50, 150, 150, 350, 350, 750, 750])
    #expect(time.now == FakeTime().now + 1_000_000_000)
  }

  /// Enough even if half of all datagrams are lost in both directions.
  @Test func `in a minute without answers each frame is sent at least 60 times`() {
    let time = FakeTime()
    let transport = FakeTransport(time: time)
    var last = LastFrames([Self.frames[0]])
    let answered = last.deliver(
      over: transport, until: time.now + 60_000_000_000, clock: time.clock, sent: { _ in })
    #expect(!answered)
    #expect((60...70).contains(transport.sent.count))
    let times = transport.sentMilliseconds + [60_000]
    #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 <= 1_000 })
  }

  @Test func `each frame is sent once even with a timeout of zero`() {
    let time = FakeTime()
    let transport = FakeTransport(time: time)
    var last = LastFrames(Self.frames)
    let answered = last.deliver(over: transport, until: 0, clock: time.clock, sent: { _ in })
    #expect(!answered)
    #expect(transport.sent == [[1], [2]])
  }
}

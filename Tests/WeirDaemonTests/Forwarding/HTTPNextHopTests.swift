import Testing
import WeirBytes
import WeirConfiguration
import WeirCurl
import WeirForwarding

@testable import WeirDaemon

@Suite("Frames over HTTP")
struct HTTPNextHopTests {
  private let log = Log(level: .error, format: .logfmt, descriptor: -1)
  private let desk = ForwardDesk(
    instance: 9, key: nil, clock: { 0 }, wallSeconds: { 1_700_000_001 })

  /// A next hop that answers 400 to a body with one of these frames.
  private final class Refusing: Sendable {
    private let bad: Set<UInt8>
    private let state = Locked((requests: [[UInt8]](), milliseconds: [Int]()))

    init(_ bad: Set<UInt8>) { self.bad = bad }

    /// The frames of each request, by their first byte.
    var requests: [[UInt8]] { state.withLock { $0.requests } }
    /// How long each request could take.
    var milliseconds: [Int] { state.withLock { $0.milliseconds } }

    func answer(_ body: [UInt8], _ milliseconds: Int) -> CurlConnection.Answer {
      var frames: [UInt8] = []
      var cursor = ByteCursor(body.span, from: 0, to: body.count)
      while cursor.remaining > 0 {
        let length = Int(cursor.varint())
        let start = cursor.skip(length)
        frames.append(body[start])
      }
      state.withLock {
        $0.requests.append(frames)
        $0.milliseconds.append(milliseconds)
      }
      return CurlConnection.Answer(
        status: frames.contains(where: bad.contains) ? 400 : 204, text: "no")
    }
  }

  private func hop(_ next: Refusing) throws -> HTTPNextHop {
    let url = try #require(ForwardURL("http://weir.test/api/v1/push"))
    return HTTPNextHop(url: url, desk: desk, log: log) {
      { body, milliseconds throws(CurlConnection.Failure) in next.answer(body, milliseconds) }
    }
  }

  private func batch(_ numbers: ClosedRange<UInt8>, bytes: Int = 4) -> FrameBatch {
    var batch = FrameBatch()
    for number in numbers {
      batch.append(
        [UInt8](repeating: number, count: bytes), .init(instance: 9, sequence: UInt64(number)))
    }
    return batch
  }

  @Test("A 204 confirms all frames of a body, a 503 none")
  func http() async throws {
    let url = try #require(ForwardURL("https://u:p%40ss@weir.test/api/v1/push"))
    let status = Locked(503)
    let bodies = Locked<[[UInt8]]>([])
    let hop = HTTPNextHop(url: url, desk: desk, log: log) {
      { body, _ throws(CurlConnection.Failure) in
        bodies.withLock { $0.append(body) }
        return CurlConnection.Answer(status: status.withLock { $0 }, text: "no\n")
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

  @Test(
    "A frame that is refused takes no other with it",
    arguments: [
      (1, [1], 1), (2, [1], 3), (2, [2], 3), (8, [5], 7), (8, [1, 8], 11), (5, [1, 2, 3, 4, 5], 9),
      (100, [33], 15),
    ] as [(UInt8, Set<UInt8>, Int)])
  func halves(count: UInt8, bad: Set<UInt8>, requests: Int) async throws {
    let next = Refusing(bad)
    let taken = await (try hop(next)).send(batch(1...count))
    let good = (1...count).filter { !bad.contains($0) }
    #expect(taken == good.count)
    #expect(desk.takeConfirmed().sorted() == good.map { UInt64($0) })
    #expect(next.requests.count == requests)
    // None is confirmed twice, and the older ones are first.
    let confirmed = next.requests.filter { !$0.contains(where: bad.contains) }
    #expect(confirmed.flatMap { $0 } == good)
  }

  @Test("So many that are refused end the search, and what follows them is still sent")
  func bounded() async throws {
    let next = Refusing(Set(1...90))
    // The last two are in a body of their own.
    #expect(await (try hop(next)).send(batch(1...92, bytes: 11_640)) == 2)
    #expect(next.requests.count == HTTPNextHop.requestsMax + 1)
    #expect(desk.takeConfirmed() == [91, 92].map { UInt64($0) })
    #expect(next.requests.last == [91, 92])
  }

  @Test("No request begins after the time of a stop, and none may take longer")
  func ends() async throws {
    let next = Refusing([])
    let hop = try hop(next)
    #expect(await hop.send(batch(1...1)) == 1)
    hop.end(by: .now + .seconds(3))
    #expect(await hop.send(batch(2...2)) == 1)
    #expect(next.milliseconds.first == HTTPNextHop.requestSeconds * 1_000)
    #expect(next.milliseconds.last.map { (1...3_000).contains($0) } == true)
    hop.end(by: .now)
    #expect(await hop.send(batch(3...3)) == 0)
    #expect(next.requests == [[1], [2]])
  }

  @Test("A next hop that was stopped sends nothing")
  func stopped() async throws {
    let next = Refusing([])
    let hop = try hop(next)
    await hop.stop()
    #expect(await hop.send(batch(1...3)) == 0)
    #expect(next.requests.isEmpty)
    #expect(desk.takeConfirmed() == [])
  }

  @Test("A frame that is refused is logged once, with what the next hop says of it alone")
  func logs() async throws {
    let captured = CapturedLog()
    let url = try #require(ForwardURL("http://weir.test/api/v1/push?token=x"))
    let hop = HTTPNextHop(url: url, desk: desk, log: captured.log) {
      { body, _ throws(CurlConnection.Failure) in
        // As a Weir does: it numbers the frames of a request.
        let number = Array(stride(from: 1, to: body.count, by: 5)).firstIndex { body[$0] == 3 }
        return CurlConnection.Answer(
          status: number == nil ? 204 : 400,
          text: number.map { "frame \($0 + 1) is refused: it is bad\nmore\n" } ?? "")
      }
    }
    for _ in 0..<3 { #expect(await hop.send(batch(1...4)) == 3) }
    let sentence = "the next hop answered 400: frame 1 is refused: it is bad"
    #expect(
      try captured.lines() == [
        #""forwarding failed; trying again" url=http://weir.test/api/v1/push error="\#(sentence)""#
      ])
  }
}

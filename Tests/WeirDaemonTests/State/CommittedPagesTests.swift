import Glibc
import Testing
import WeirAggregation
import WeirBytes
import WeirConfiguration
import WeirExposition
import WeirHTTP
import WeirMetrics
import WeirPush
import WeirSockets
import WeirWire

@testable import WeirDaemon

@Suite("With a state", .timeLimit(.minutes(2)))
struct CommittedPagesTests {
  private let harness: KeeperHarness
  private let aggregator = Aggregator()
  private let pushed: Pushed
  private let log = Log(level: .error, format: .logfmt, descriptor: -1)

  init() throws {
    harness = try KeeperHarness(start: StateStart(series: 3)) { limits in
      limits.retryMin = .seconds(3_600)
      limits.paceFactor = 0
    }
    pushed = Pushed(aggregator: aggregator, limits: OwnerLimits())
  }

  private func scraper() -> Scraper {
    Scraper(
      status: StatusReader(
        aggregator: aggregator, pushed: pushed, keeper: harness.keeper, log: log),
      keeper: harness.keeper)
  }

  @Test("a page ends after a commit, and shows how the state is")
  func page() async throws {
    let page = await scraper().begin(.text, .underscores, nil, deadline: nil)
    let hang = harness.disk.hang(.commit)
    async let piece = page.next()
    hang.waitUntilReached()
    hang.letGo()
    let text = String(decoding: try await piece.bytes, as: UTF8.self)
    #expect(page.mustBeWhole)
    #expect(harness.keeper.reading().totals.commitCount == 1)
    for line in [
      "weir_state_protected 1", "weir_state_restored_series 3",
      "weir_state_commits_total{result=\"committed\"} 0",
      "weir_state_last_commit_timestamp_seconds 1767323045",
    ] {
      #expect(text.contains("\n\(line)\n"), "\(line)")
    }
  }

  @Test("a page that is not shown needs no commit")
  func head() async throws {
    harness.disk.fail(.commit, "input/output error")
    let page = await scraper().begin(.text, .underscores, nil, deadline: nil, isShown: false)
    #expect(try await page.next().isLast)
    #expect(!page.mustBeWhole)
    #expect(!harness.disk.calls.contains(.commit))
  }

  private func refuse() {
    harness.disk.fail(.commit, "read-only file system")
    harness.disk.fail(.remove, "read-only file system")
  }

  private let sentence =
    "the state file can't be removed: read-only file system; free or repair the disk of --state.dir"

  @Test("a page is refused while an old file is left")
  func refused() async throws {
    refuse()
    let page = await scraper().begin(.text, .underscores, nil, deadline: nil)
    await #expect(throws: HTTPBodyFailure(503, sentence)) { _ = try await page.next() }
  }

  private func push(_ sequence: UInt64, flags: PushFormat.Flags = []) -> [UInt8] {
    TestServer.frame(7, sequence, [], flags: flags)
  }

  @Test("a body of frames is taken after a commit, or refused")
  func body() async {
    let page = PushPage(
      pushed, refused: RefusedLines(), keeper: harness.keeper, log: log,
      now: { PipelineHarness.time })
    func answer(_ body: [UInt8]) async -> HTTPResponse {
      var request = HTTPRequest(
        method: "POST", path: PushPage.path,
        headers: ["Content-Type": PushPage.contentType])
      request.body = body
      return await page.respond(to: request)
    }
    let frame = push(1)
    #expect(await answer([UInt8(frame.count)] + frame).status == 204)
    #expect(harness.keeper.reading().totals.commitCount == 1)
    // Nothing was taken, so nothing has to be saved.
    #expect(await answer([1, 0]).status == 400)
    #expect(harness.keeper.reading().totals.commitCount == 1)
    refuse()
    let next = push(2)
    #expect(await answer([UInt8(next.count)] + next).status == 503)
  }

  @Test("lines in a request, and groups, are confirmed after a commit, or not at all")
  func posted() async throws {
    let options = Options(cores: 1)
    let lines = try StatsDPage.make(
      options.statsd, aggregator: aggregator, pushed: pushed, refused: RefusedLines(),
      meter: PostedMeter(), keeper: harness.keeper, relay: nil, log: log)
    let groups = PushgatewayPage(
      Pushgateway(options, aggregator: aggregator), limits: options.limits,
      keeper: harness.keeper, log: log)
    func answers(_ line: String, _ method: String, _ body: String) async -> [Int] {
      var request = HTTPRequest(method: "POST", path: StatsDPage.path)
      request.body = Array(line.utf8)
      var group = HTTPRequest(method: method, path: "/metrics/job/j")
      group.body = Array(body.utf8)
      return await [lines.respond(to: request).status, groups.respond(to: group).status]
    }
    #expect(await answers("a:1|c", "PUT", "g 1\n") == [204, 200])
    #expect(harness.keeper.reading().totals.commitCount == 2)
    // Of the second body a line was taken.
    #expect(await answers("a:1|c\nb", "DELETE", "") == [400, 202])
    #expect(harness.keeper.reading().totals.commitCount == 4)
    // Nothing was taken, so nothing has to be saved.
    #expect(await answers("b", "PUT", "g") == [400, 400])
    #expect(harness.keeper.reading().totals.commitCount == 4)
    refuse()
    #expect(await answers("a:1|c", "PUT", "g 1\n") == [503, 503])
  }

  @Test("a frame is answered after a commit, and not while an old file is left")
  func answers() async throws {
    let socket = try UDPSocket.bind(to: .loopback(port: 0), flag: "--flag")
    let sender = try UDPSender.connect(to: socket.address)
    var batch = DatagramBatch()
    let meter = IngestMeter()
    var pipeline = IngestPipeline(
      aggregator: aggregator, options: StatsDOptions(), admission: ListenerFilter(),
      pushed: pushed, meter: meter, refused: RefusedLines(),
      answers: .committed(
        CommittedAnswers(
          keeper: harness.keeper, socket: try AnswerSocket(of: socket), meter: pushed.meter)),
      log: log, now: { PipelineHarness.time })
    let hang = harness.disk.hang(.commit)
    for sequence in 1...3 as ClosedRange<UInt64> {
      try sender.send(push(sequence, flags: .confirm).span)
    }
    #expect(try batch.receive(from: socket) == 3)
    pipeline.ingest(batch)
    hang.waitUntilReached()
    #expect(harness.keeper.reading().answersWaiting == 3)
    #expect(pushed.meter.reading.answers == 0)
    var buffer = [UInt8](repeating: 0, count: 100)
    do {
      var span = buffer.mutableSpan
      #expect(try sender.receive(into: &span) == nil)
    }
    hang.letGo()
    try await harness.until { pushed.meter.reading.answers == 3 }
    for _ in 1...3 {
      var span = buffer.mutableSpan
      #expect(try sender.receive(into: &span) != nil)
    }
    refuse()
    try sender.send(push(4, flags: .confirm).span)
    #expect(try batch.receive(from: socket) == 1)
    pipeline.ingest(batch)
    try await harness.until { harness.keeper.reading().answersWaiting == 0 }
    #expect(pushed.meter.reading.answers == 3)
    #expect(pushed.meter.reading.answersLost == 0)
  }
}

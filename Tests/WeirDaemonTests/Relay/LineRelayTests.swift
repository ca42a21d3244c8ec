import Dispatch
import Foundation
import Synchronization
import TestSupport
import Testing
import WeirAggregation
import WeirBytes
import WeirConfiguration
import WeirMetrics
import WeirSockets

@testable import WeirDaemon
@testable import WeirWire

@Suite struct LineRelayTests {
  private let temporary: Folder
  private var path: String { temporary.url.appending(path: "inbox").path }
  private let aggregator = Aggregator()
  private let meter = IngestMeter()
  private static let quiet = Log(level: .error, format: .logfmt, descriptor: -1)

  init() throws { temporary = try Folder() }

  private func relay(packetBytes: Int = 1_400, to paths: [String]) throws -> LineRelay {
    var options = Options.Relay()
    options.addresses = paths
    options.packetBytes = packetBytes
    return try #require(try LineRelay(options, log: LineRelayTests.quiet))
  }

  private func pipeline(_ relay: LineRelay, _ admission: ListenerFilter = ListenerFilter())
    -> IngestPipeline
  {
    IngestPipeline(
      aggregator: aggregator, options: StatsDOptions(), admission: admission,
      pushed: Pushed(aggregator: aggregator, limits: OwnerLimits()), meter: meter,
      refused: RefusedLines(), relay: relay, log: LineRelayTests.quiet,
      now: { PipelineHarness.time })
  }

  private func messages(_ texts: [String]) -> Messages {
    var messages = Messages()
    for text in texts { messages.append(Array(text.utf8)) }
    return messages
  }

  /// Waits until a target has no work left.
  private func settle(_ target: LineRelayTarget) async throws {
    while target.totals.queuedBytes > 0 { try await Task.sleep(for: .milliseconds(2)) }
  }

  @Test func `every line is relayed as it came, and frames are not`() async throws {
    let inbox = Inbox(at: path)
    let relay = try relay(to: [path])
    var pipeline = pipeline(relay)
    var batch = messages([
      "aa.x:1|c|@0.5|#t1:v\nbb:2|ms", "", "not a line\n\n", "cc:oops|c\r\n",
    ])
    batch.append(TestServer.frame(7, 1, []))
    batch.append(Array("dd,z1=y:3|g".utf8))
    pipeline.ingest(batch)
    relay.flush()
    #expect(
      inbox.next()
        == "aa.x:1|c|@0.5|#t1:v\nbb:2|ms\nnot a line\ncc:oops|c\r\ndd,z1=y:3|g\n")
    #expect(meter.reading.lines == 5)
    while relay.reading().targets[0].totals.queuedBytes > 0 {
      try await Task.sleep(for: .milliseconds(2))
    }
    #expect(relay.reading().targets.map { $0.totals.sent } == [.init(packets: 1, lines: 5)])
  }

  @Test func `full packets are sent at once, and the rest when it is flushed`() throws {
    let inbox = Inbox(at: path)
    let relay = try relay(packetBytes: 14, to: [path])
    var pipeline = pipeline(relay)
    let batch = messages(["aa:1|c\nbb:2|c\ncc:3|c", "much_too_long:1|c", "dd:4|c\nee:5|c"])
    pipeline.ingest(batch)
    #expect(inbox.next() == "aa:1|c\nbb:2|c\n")
    #expect(inbox.next() == "cc:3|c\ndd:4|c\n")
    #expect(inbox.next(withinMilliseconds: 0) == nil)
    relay.flush()
    #expect(inbox.next() == "ee:5|c\n")
    #expect(relay.reading().longLines == 1)
    #expect(meter.reading.lines == 6)
  }

  @Test func `a pipeline that ends leaves nothing behind`() throws {
    let inbox = Inbox(at: path)
    let relay = try relay(to: [path])
    do {
      var pipeline = pipeline(relay)
      let batch = messages(["aa:1|c"])
      pipeline.ingest(batch)
    }
    #expect(inbox.next() == "aa:1|c\n")
  }

  @Test func `what a listener does not accept is not relayed`() throws {
    let inbox = Inbox(at: path)
    let relay = try relay(to: [path])
    var networks = SourceNetworks()
    try networks.add("10.0.0.0/8")
    var strangers = pipeline(relay, ListenerFilter(networks: networks))
    var textless = pipeline(relay, ListenerFilter(takesText: false))
    let batch = messages(["aa:1|c"])
    strangers.ingest(batch)
    textless.ingest(batch)
    relay.flush()
    #expect(inbox.next(withinMilliseconds: 0) == nil)
    #expect(relay.reading().targets[0].totals.sent == .init())
  }

  @Test func `each target has its own losses, and ingest goes on`() async throws {
    let inbox = Inbox(at: path)
    let relay = try relay(to: [path, temporary.url.appending(path: "nobody").path])
    var pipeline = pipeline(relay)
    let batch = messages(["aa:1|c\nbb:1|c"])
    pipeline.ingest(batch)
    relay.flush()
    #expect(inbox.next() == "aa:1|c\nbb:1|c\n")
    for target in relay.targets { try await settle(target) }
    let totals = relay.reading().targets.map { $0.totals }
    #expect(totals[0].sent == .init(packets: 1, lines: 2) && totals[0].dropped.isEmpty)
    #expect(totals[1].sent == .init())
    #expect(totals[1].dropped == [.noAddress: .init(packets: 1, lines: 2)])
    #expect(meter.reading.lines == 2)
  }

  @Test func `a receiver that was replaced at its path gets what comes next`() throws {
    let relay = try relay(to: [path])
    var pipeline = pipeline(relay)
    let batch = messages(["aa:1|c"])
    for round in 0..<3 {
      let inbox = Inbox(at: path)
      pipeline.ingest(batch)
      relay.flush()
      #expect(inbox.next() == "aa:1|c\n", "round \(round)")
    }
    #expect(relay.reading().targets[0].totals.dropped.isEmpty)
  }

  @Test func `a target that hangs takes a bounded amount of memory, and the rest is counted`()
    async throws
  {
    let (gate, path) = (DispatchSemaphore(value: 0), path)
    let target = LineRelayTarget("slow", log: LineRelayTests.quiet) {
      gate.wait()
      return try DatagramSender.connect(toUnix: path)
    }
    let block = PackedLines(
      bytes: [UInt8](repeating: 0x0A, count: 1 << 20), packets: [.init(end: 1 << 20, lines: 3)])
    for _ in 0..<20 { target.offer(block) }
    #expect(target.totals.queuedBytes <= LineRelayQueue.bytesMax)
    #expect(target.totals.dropped == [.queueFull: .init(packets: 13, lines: 39)])
    gate.signal()
    try await settle(target)
    // There is nobody at the path.
    #expect(target.totals.dropped[.noAddress] == .init(packets: 7, lines: 21))
  }

  @Test func `lines of a request or a stream are relayed, whatever byte they begin with`() throws {
    let inbox = Inbox(at: path)
    let relay = try relay(to: [path])
    var pipeline = pipeline(relay)
    // The byte that a frame begins with in a datagram.
    let frame = TestServer.frame(7, 1, [])
    var lines = PostedLines(Array(frame.prefix(1)) + Array("aa:1|c\nbb:2|c\n".utf8), from: nil)
    while lines.next() { pipeline.ingest(lines) }
    relay.flush()
    #expect(inbox.next()?.hasSuffix("aa:1|c\nbb:2|c\n") == true)
  }

  @Test func `what is left at a stop is sent, or counted`() async throws {
    let inbox = Inbox(at: path)
    let relay = try relay(to: [path])
    var pipeline = pipeline(relay)
    let batch = messages(["aa:1|c"])
    pipeline.ingest(batch)
    await relay.finish()
    #expect(inbox.next() == "aa:1|c\n")
    #expect(relay.reading().targets[0].totals.sent == .init(packets: 1, lines: 1))

    // The receiver reads nothing, so that its queue is full at some time.
    let target = LineRelayTarget(path, log: LineRelayTests.quiet) { [path] in
      try DatagramSender.connect(toUnix: path)
    }
    let packets = 5_000
    let block = PackedLines(
      bytes: [UInt8](repeating: 0x0A, count: packets),
      packets: (1...packets).map { .init(end: $0, lines: 1) })
    target.offer(block)
    await target.finish(by: .now)
    let totals = target.totals
    #expect(totals.queuedBytes == 0)
    #expect(totals.sent.packets > 0)
    #expect(totals.sent.lines + (totals.dropped[.stopped]?.lines ?? 0) == packets)
    #expect(totals.dropped[.stopped] != nil)
  }

  @Test func `a target that resolves a name does not hold a stop up`() async throws {
    let gate = DispatchSemaphore(value: 0)
    let target = LineRelayTarget("slow", log: LineRelayTests.quiet) {
      gate.wait()
      throw LineRelayAddressError.unknown
    }
    let relay = LineRelay(targets: [target], packetBytes: 100, log: LineRelayTests.quiet)
    var pipeline = pipeline(relay)
    let batch = messages(["aa:1|c"])
    pipeline.ingest(batch)
    await relay.finish()
    gate.signal()
    try await settle(target)
    #expect(target.totals.dropped[.noAddress] == .init(packets: 1, lines: 1))
  }

  @Test func `a UDP target where nobody receives is counted, and tried again`() async throws {
    let port = try UDPSocket.bind(to: .loopback(port: 0), flag: "--flag").address.port
    let target = LineRelayTarget("udp", log: LineRelayTests.quiet) {
      try DatagramSender.connect(to: .loopback(port: port))
    }
    let block = PackedLines(bytes: Array("aa:1|c\n".utf8), packets: [.init(end: 7, lines: 1)])
    while target.totals.refusals < 3 {
      target.offer(block)
      try await settle(target)
    }
    let totals = target.totals
    #expect(totals.sent.lines > 0 && totals.dropped.isEmpty)
  }

  @Test func `a relay does not begin where this Weir itself receives`() throws {
    var options = Options.Relay()
    options.addresses = ["127.0.0.1:8125"]
    let relay = try #require(try LineRelay(options, log: LineRelayTests.quiet))
    try relay.begin(options, listeners: [.address(.loopback(port: 8_126))])
    #expect(throws: StartError.self) {
      try relay.begin(options, listeners: [.address(.loopback(port: 8_125))])
    }
  }

  @Test func `its metrics have a row for each target and reason`() throws {
    let relay = try relay(to: ["/a", "b:1"])
    var metrics = StatusReader(
      aggregator: aggregator, pushed: Pushed(aggregator: aggregator, limits: OwnerLimits()),
      relay: relay, log: LineRelayTests.quiet
    ).metrics()
    let families = OwnMetrics(metrics).families.filter { $0.name.hasPrefix("weir_relay_") }
    #expect(
      families.map(\.name) == [
        "weir_relay_dropped_lines_total", "weir_relay_dropped_packets_total",
        "weir_relay_lines_relayed_total", "weir_relay_long_lines_total",
        "weir_relay_packets_total", "weir_relay_queue_bytes", "weir_relay_refusals_total",
      ])
    guard case .samples(let rows) = families[0].values else { return }
    #expect(rows.count == 2 * LineRelayTotals.Loss.allCases.count)
    #expect(rows.first?.labels == #"{reason="queue_full",target="/a"}"#)
    metrics.relay = nil
    #expect(!OwnMetrics(metrics).families.contains { $0.name.hasPrefix("weir_relay_") })
  }
}

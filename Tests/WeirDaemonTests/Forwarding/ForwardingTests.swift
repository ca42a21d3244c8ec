import Foundation
import Glibc
import Testing
import WeirAggregation
import WeirBytes
import WeirForwarding
import WeirMetrics
import WeirPush
import WeirSockets
import WeirWire

@testable import WeirConfiguration
@testable import WeirDaemon

/// From the options to the last frame, with a next hop in the same process.
@Suite("All parts of forwarding", .timeLimit(.minutes(2)))
struct ForwardingTests {
  private static let secret = String(repeating: "5a", count: 16)
  private let aggregator = Aggregator(countsGaugeSettings: true)

  private func count(_ lines: String) {
    var router = SampleRouter(aggregator: aggregator, reader: StatsDIdentityReader())
    var batch = SampleBatch()
    let bytes = Array(lines.utf8)
    StatsDDecoder().decode(bytes.span, from: 0, to: bytes.count, into: &batch)
    router.apply(&batch, bytes: bytes.span)
  }

  private func forwarding(
    to address: SocketAddress, listeners: [SocketAddress] = [], log: Log,
    _ change: (inout Options.Forward) -> Void = { _ in }
  ) throws -> Forwarding {
    var options = Options(cores: 1).forward
    options.address = "\(address)"
    change(&options)
    var opened: OpenedState?
    let beginning = try #require(try Forwarding.begin(options, &opened, log: log))
    return try Forwarding(beginning, aggregator: aggregator, listeners: listeners, log: log)
  }

  /// The series that a Weir shows, sorted.
  private func shown(_ aggregator: Aggregator) -> [String] {
    var catalog = Catalog()
    catalog.update(from: aggregator)
    var lines: [String] = []
    for family in catalog.families {
      aggregator.forEachSeries(of: family) { piece, index in
        let spelling = piece.spelling(index)
        let series = String(decoding: spelling.indices.map { spelling[$0] }, as: UTF8.self)
        lines.append("\(series) \(piece.value(index, kind: family.kind))")
      }
    }
    return lines.sorted()
  }

  @Test(
    "A stop sends what is counted, with the labels, as the last of the instance",
    arguments: [false, true])
  func stops(isSigned: Bool) async throws {
    let log = Log(level: .error, format: .logfmt, descriptor: -1)
    let file = FileManager.default.temporaryDirectory.appending(path: "weir-key-\(UUID()).yml")
    defer { try? FileManager.default.removeItem(at: file) }
    let isMade = FileManager.default.createFile(
      atPath: file.path, contents: Data("keys:\n  - id: k\n    secret: \(Self.secret)\n".utf8),
      attributes: [.posixPermissions: 0o600])
    #expect(isMade)
    let socket = try UDPSocket.bind(to: .loopback(port: 0), flag: "--flag")
    count("hits:3|c|#path:a\nown:1|c|#host:b")
    let forwarding = try forwarding(to: socket.address, log: log) { options in
      options.labels = [ForwardLabelOption(name: "host", value: "a")]
      if isSigned { options.keyFile = file.path }
    }
    // The next hop takes in frames and answers until the stop is over.
    var limits = OwnerLimits()
    limits.olderInstances = .count
    let shownThere = Aggregator()
    let next = Pushed(aggregator: shownThere, limits: limits)
    if isSigned {
      next.keyring.use(
        PushKeysFile(
          keys: [
            PushKeysFile.Key(id: "k", secret: [UInt8](repeating: 0x5A, count: 16), mayForward: true)
          ], warnings: []))
    }
    let isOver = Locked(false)
    async let stop: Void = {
      await forwarding.finish(milliseconds: 60_000)
      isOver.withLock { $0 = true }
    }()
    var pipeline = PushPipeline(next, now: Log.wallClock)
    var batch = DatagramBatch()
    let answers = try AnswerSocket(of: socket)
    var flags: [PushFormat.Flags] = []
    while !isOver.withLock({ $0 }) {
      let received = try batch.receive(from: socket)
      for index in 0..<received {
        let frame = batch.range(of: index).map { batch.bytes[$0] }
        flags.append(PushFormat.Flags(rawValue: frame[3]))
        let answer = try pipeline.ingest(frame.span, from: 0, to: frame.count)
        let bytes = try #require(answer?.bytes)
        let address = batch.replyAddress(of: index)
        let isSent = answers.send(bytes.span, to: try #require(address))
        #expect(isSent)
      }
      try await Task.sleep(for: .milliseconds(1))
    }
    await stop
    #expect(shown(shownThere) == [#"hits{host="a",path="a"} 3.0"#, #"own{host="b"} 1.0"#])
    #expect(Set(flags) == [isSigned ? [.signed, .final, .confirm] : [.final, .confirm]])
  }

  @Test("A stop says so if the next hop has not confirmed everything")
  func unconfirmed() async throws {
    let captured = CapturedLog()
    let socket = try UDPSocket.bind(to: .loopback(port: 0), flag: "--flag")
    count("hits:3|c")
    let forwarding = try forwarding(to: socket.address, log: captured.log)
    await forwarding.finish()
    #expect(
      try captured.lines().last == #""stopped before the next hop confirmed everything""#)
  }

  @Test("The address of this Weir itself is refused")
  func own() throws {
    let log = Log(level: .error, format: .logfmt, descriptor: -1)
    let own = SocketAddress.loopback(port: 8_125)
    let error = #expect(throws: StartError.self) {
      _ = try forwarding(to: own, listeners: [.loopback(port: 8_126), own], log: log)
    }
    #expect(
      error?.description
        == "--forward.address: 127.0.0.1:8125 is this Weir itself, which listens on "
        + "127.0.0.1:8125; write the address of another Weir")
    _ = try forwarding(to: own, listeners: [.loopback(port: 8_126)], log: log)
  }

  @Test(
    "A next hop over HTTP confirms signed frames that ask for no answer, too",
    arguments: [false, true])
  func confirmsAll(isHTTP: Bool) throws {
    var options = Options(cores: 1).forward
    if isHTTP {
      options.url = ForwardURL("http://weir.test/api/v1/push")
    } else {
      options.address = "127.0.0.1:9"
    }
    var opened: OpenedState?
    let log = Log(level: .error, format: .logfmt, descriptor: -1)
    let desk = try #require(try Forwarding.begin(options, &opened, log: log)).desk
    var header = PushHeader()
    header.instance = InstanceID(number: 7, startMilliseconds: 1)
    header.sequence = 1
    header.isSigned = true
    let frame = [UInt8](repeating: 1, count: 50)
    let isAnswered = desk.pass(frame.span, from: 0, to: 50, header, key: nil, reply: nil)
    #expect(!isAnswered)
    #expect(desk.relayTotals == RelayTotals(passed: 1, waiting: isHTTP ? 1 : 0))
  }
}

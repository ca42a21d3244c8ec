import Foundation
import TestSupport
import Testing
import WeirCluster

@testable import WeirNATS

/// Where a log of the tests is.
enum LogKind: CaseIterable, Sendable {
  case memory
  case nats
}

/// What every ordered log must do. The tests of failures that only servers have are beside it.
@Suite(.serialized) struct LogConformanceTests {
  /// A log of a kind, and what a test does to it beside reading and posting.
  final class World {
    let server: NATSServerProcess?
    let stream: MemoryStream?
    private let settings: NATSSettings?
    private var logs: [any OrderedLog] = []

    init(_ kind: LogKind, bytesMax: Int = 1 << 30, metadata: [String: String] = [:]) throws {
      switch kind {
      case .memory:
        stream = MemoryStream(bytesMax: bytesMax, metadata: metadata)
        (server, settings) = (nil, nil)
      case .nats:
        stream = nil
        let started = try NATSServerProcess()
        server = started
        var settings = try started.settings()
        settings.logBytesMax = bytesMax
        settings.storeBytesMax = 1 << 20
        self.settings = settings
        logs.append(try started.open(settings, metadata: metadata).log)
      }
    }

    deinit { for log in logs { log.close() } }

    /// A node's log.
    func log() throws -> any OrderedLog {
      let made: any OrderedLog
      if let stream {
        made = MemoryLog(stream)
      } else {
        made = try #require(server).open(#require(settings)).log
      }
      logs.append(made)
      return made
    }

    /// Removes the log and makes it anew.
    func replace() throws {
      if let stream { return stream.replace() }
      let settings = try #require(settings)
      let server = try #require(server)
      #expect(try server.ask("STREAM.DELETE.\(settings.streamName)").contains("true"))
      logs.append(try server.open(settings).log)
    }
  }

  static func payload(_ number: Int, count: Int = 24) -> [UInt8] {
    var bytes = Array("message \(number) ".utf8)
    while bytes.count < count {
      bytes.append(UInt8(truncatingIfNeeded: bytes.count &* 7 &+ number))
    }
    return bytes
  }

  @Test("each node reads all messages in one order", arguments: LogKind.allCases)
  func order(_ kind: LogKind) throws {
    let world = try World(kind)
    let (first, second) = (try world.log(), try world.log())
    let count = 2_000
    for number in 0..<count {
      let log = number % 3 == 0 ? second : first
      try log.post(LogConformanceTests.payload(number), as: UInt64(number))
    }
    let ofSecond = try second.allOutcomes((count + 2) / 3)
    let outcomes = try first.allOutcomes(count - ofSecond.count)
      .merging(ofSecond) { left, _ in left }
    #expect(outcomes.count == count)
    let messages = try first.all(count)
    #expect(messages == (try second.all(count)))
    #expect(messages.map(\.sequence) == Array(1...UInt64(count)))
    // Each outcome names the place where the message is.
    for (number, outcome) in outcomes {
      guard case .stored(let sequence) = outcome else {
        Issue.record("\(number): \(outcome)")
        continue
      }
      let message = messages[Int(sequence) - 1]
      #expect(message.payload == LogConformanceTests.payload(Int(number)))
    }
    // What one node has posted keeps its order.
    let ofFirst = outcomes.filter { $0.key % 3 != 0 }.sorted { $0.key < $1.key }.map(\.value)
    let sequences = ofFirst.map {
      if case .stored(let sequence) = $0 { sequence } else { UInt64(0) }
    }
    #expect(sequences == sequences.sorted())
  }

  @Test("reading begins anywhere, and again", arguments: LogKind.allCases)
  func anywhere(_ kind: LogKind) throws {
    let world = try World(kind)
    let log = try world.log()
    #expect(try log.read(after: 0, milliseconds: 50).isEmpty)
    for number in 0..<50 {
      _ = try log.store(LogConformanceTests.payload(number), as: UInt64(number))
    }
    for after in [40, 0, 49, 7, 7] {
      let messages = try log.all(50 - after, after: UInt64(after))
      #expect(messages.map(\.sequence) == Array(UInt64(after + 1)...50))
    }
    #expect(try log.read(after: 50, milliseconds: 50).isEmpty)
  }

  @Test("messages of 0 bytes and of 64 KiB arrive whole", arguments: LogKind.allCases)
  func sizes(_ kind: LogKind) throws {
    let world = try World(kind)
    let log = try world.log()
    let payloads = [
      [], [0], Array("\r\n\0\r\n".utf8), LogConformanceTests.payload(1, count: 65_536),
    ]
    for (number, payload) in payloads.enumerated() {
      try log.post(payload, as: UInt64(number))
    }
    #expect(try log.all(payloads.count).map(\.payload) == payloads)
    let largest = LogConformanceTests.payload(2, count: 1 << 20)
    #expect(try log.store(largest, as: 9) == 5)
    #expect(try log.all(1, after: 4)[0].payload == largest)
    #expect {
      try log.post(largest + [0], as: 10)
    } throws: { error in
      (error as? LogFailure)
        == .tooLarge("A message has 1048577 bytes; the log takes at most 1048576.")
    }
  }

  @Test("what was trimmed is a gap", arguments: LogKind.allCases)
  func trimmed(_ kind: LogKind) throws {
    let world = try World(kind)
    let log = try world.log()
    for number in 0..<20 { _ = try log.store([UInt8(number)], as: UInt64(number)) }
    try log.trim(through: 12, milliseconds: 60_000)
    var bounds = try log.bounds(milliseconds: 60_000)
    #expect(bounds.first == 13)
    #expect(bounds.last == 20)
    for after: UInt64 in [0, 5, 11] {
      #expect(try LogConformanceTests.failure(of: log, after: after) == .gap(firstSequence: 13))
    }
    #expect(try log.all(8, after: 12).map(\.payload) == (12..<20).map { [UInt8($0)] })
    // An empty log keeps its place.
    try log.trim(through: 20, milliseconds: 60_000)
    try log.trim(through: 20, milliseconds: 60_000)
    bounds = try log.bounds(milliseconds: 60_000)
    #expect(bounds.first == 21)
    #expect(bounds.last == 20)
    #expect(try LogConformanceTests.failure(of: log, after: 19) == .gap(firstSequence: 21))
    #expect(try log.read(after: 20, milliseconds: 50).isEmpty)
    #expect(try log.store([99], as: 99) == 21)
    #expect(try log.all(1, after: 20)[0].payload == [99])
  }

  /// What reading fails with.
  static func failure(of log: any OrderedLog, after sequence: UInt64) throws -> LogFailure? {
    var failure: LogFailure?
    try waitUntil("reading after \(sequence) fails") {
      do throws(LogFailure) {
        let messages = try log.read(after: sequence, milliseconds: 500)
        #expect(messages.isEmpty)
      } catch {
        failure = error
      }
      return failure != nil
    }
    return failure
  }

  @Test("a log that was made anew is never read on", arguments: LogKind.allCases)
  func replaced(_ kind: LogKind) throws {
    let world = try World(kind)
    let log = try world.log()
    for number in 0..<5 { _ = try log.store([UInt8(number)], as: UInt64(number)) }
    #expect(try log.all(5).count == 5)
    let before = try log.bounds(milliseconds: 60_000).identity
    try world.replace()
    let other = try world.log()
    for number in 0..<9 { _ = try other.store([UInt8(100 + number)], as: UInt64(number)) }
    guard case .streamReplaced = try LogConformanceTests.failure(of: log, after: 5) else {
      Issue.record("reading went on")
      return
    }
    #expect(try other.bounds(milliseconds: 60_000).identity != before)
    #expect(try other.all(9).count == 9)
  }

  @Test("a full log refuses and drops nothing", arguments: LogKind.allCases)
  func full(_ kind: LogKind) throws {
    let world = try World(kind, bytesMax: 1 << 20)
    let log = try world.log()
    let count = 40
    for number in 0..<count {
      try log.post(LogConformanceTests.payload(number, count: 50_000), as: UInt64(number))
    }
    let outcomes = try log.allOutcomes(count)
    let stored = outcomes.filter { if case .stored = $0.value { true } else { false } }
    let full = outcomes.filter { if case .refused(.full) = $0.value { true } else { false } }
    #expect(stored.count == 20)
    #expect(full.count == 20)
    let messages = try log.all(20)
    #expect(messages.map(\.sequence) == Array(1...20))
    #expect(messages[0].payload == LogConformanceTests.payload(0, count: 50_000))
    // Trimming makes room.
    try log.trim(through: 10, milliseconds: 60_000)
    #expect(try log.store([1], as: 1_000) == 21)
  }

  @Test("metadata are kept and changed", arguments: LogKind.allCases)
  func metadata(_ kind: LogKind) throws {
    let world = try World(kind, metadata: ["format": "1", "labels": "a,b \"c\""])
    let log = try world.log()
    let before = try log.bounds(milliseconds: 60_000)
    #expect(before.metadata == ["format": "1", "labels": "a,b \"c\""])
    #expect(before.first == 1)
    #expect(before.last == 0)
    try log.updateMetadata(["format": "2"], milliseconds: 60_000)
    let after = try log.bounds(milliseconds: 60_000)
    #expect(after.metadata == ["format": "2"])
    #expect(after.identity == before.identity)
  }

  @Test("a closed log says so", arguments: LogKind.allCases)
  func closed(_ kind: LogKind) throws {
    let world = try World(kind)
    let log = try world.log()
    _ = try log.store([1], as: 1)
    log.close()
    log.close()
    #expect(throws: LogFailure.closed) { try log.post([2], as: 2) }
    #expect(throws: LogFailure.closed) { try log.read(after: 0, milliseconds: 50) }
    #expect(throws: LogFailure.closed) { try log.bounds(milliseconds: 50) }
    #expect(log.outcomes(milliseconds: 50).isEmpty)
    #expect(!log.connection.isConnected)
  }

  @Test("the log's time is the time of the messages", arguments: LogKind.allCases)
  func time(_ kind: LogKind) throws {
    let world = try World(kind)
    let log = try world.log()
    let now = UInt64(Date().timeIntervalSince1970 * 1_000)
    world.stream?.setTime(milliseconds: now)
    _ = try log.store([1], as: 1)
    let message = try log.all(1)[0]
    let later = UInt64(Date().timeIntervalSince1970 * 1_000)
    #expect(message.timeMilliseconds + 1 >= now && message.timeMilliseconds <= later)
  }
}

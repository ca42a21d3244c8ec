import Foundation
import TestSupport
import Testing
import WeirCluster
import WeirJSON

@testable import WeirNATS

/// What happens to a log when its server ends, hangs, or loses what it had.
@Suite(.serialized) struct NATSFailureTests {
  @Test("the log goes on after its server was killed")
  func killed() throws {
    let server = try NATSServerProcess()
    let log = try server.open(server.settings()).log
    defer { log.close() }
    var stored: [UInt64] = []
    for number in 0..<100 { stored.append(try log.store([UInt8(number)], as: UInt64(number))) }
    #expect(try log.all(100).count == 100)
    server.end()
    try waitUntil("the connection is lost") { !log.connection.isConnected }
    #expect(log.connection.fault != nil)
    // At once, and nothing is kept to be sent later.
    #expect(throws: LogFailure.self) { try log.post([1], as: 1_000) }
    #expect(try log.read(after: 100, milliseconds: 100).isEmpty)
    #expect(throws: LogFailure.self) { try log.bounds(milliseconds: 100) }
    try server.start()
    try waitUntil("the connection is back") { log.connection.isConnected }
    #expect(log.connection.reconnects == 1)
    #expect(log.connection.fault == nil)
    for number in 100..<150 { stored.append(try log.store([UInt8(number)], as: UInt64(number))) }
    #expect(stored == Array(1...150))
    #expect(try log.all(50, after: 100).map(\.payload) == (100..<150).map { [UInt8($0)] })
    #expect(try log.all(150).map(\.payload) == (0..<150).map { [UInt8($0)] })
  }

  @Test("nothing that was stored is lost when the server is killed in the middle")
  func killedInTheMiddle() throws {
    let server = try NATSServerProcess()
    let settings = try server.settings()
    let log = try server.open(settings).log
    defer { log.close() }
    var stored: [UInt64: UInt64] = [:]
    var number: UInt64 = 0
    var read: [LogMessage] = []
    for round in 0..<3 {
      for _ in 0..<2_000 {
        try? log.post(Array("\(number)".utf8), as: number)
        number += 1
      }
      usleep(UInt32(round) * 20_000)
      for outcome in log.outcomes(milliseconds: 20) {
        if case .stored(let sequence) = outcome.result { stored[outcome.number] = sequence }
      }
      read += try log.read(after: read.last?.sequence ?? 0, milliseconds: 5)
      server.end()
      try waitUntil("the connection is lost") { !log.connection.isConnected }
      try server.start()
      try waitUntil("the connection is back") { log.connection.isConnected }
    }
    let last = try log.store(Array("last".utf8), as: .max)
    while read.last?.sequence ?? 0 < last {
      read += try log.read(after: read.last?.sequence ?? 0, milliseconds: 500)
    }
    #expect(read.map(\.sequence) == Array(1...last))
    #expect(!stored.isEmpty)
    for (number, sequence) in stored {
      #expect(read[Int(sequence) - 1].payload == Array("\(number)".utf8))
    }
  }

  @Test("a server that hangs for 3 s is waited for, and nothing is missing")
  func stopped() throws {
    let server = try NATSServerProcess()
    let settings = try server.settings()
    let log = try server.open(settings).log
    defer { log.close() }
    for number in 0..<10 { _ = try log.store([UInt8(number)], as: UInt64(number)) }
    #expect(try log.all(10).count == 10)
    server.signal(SIGSTOP)
    defer { server.signal(SIGCONT) }
    let end = ContinuousClock.now + .seconds(3)
    for number in 10..<20 { try? log.post([UInt8(number)], as: UInt64(number)) }
    while ContinuousClock.now < end {
      #expect(try log.read(after: 10, milliseconds: 100).isEmpty)
    }
    server.signal(SIGCONT)
    let last = try log.store([99], as: 99)
    let messages = try log.all(Int(last) - 10, after: 10)
    #expect(messages.map(\.sequence) == Array(11...last))
    #expect(messages.last?.payload == [99])
  }

  @Test("a slow reader and more than 64 MiB: flow control, and no gap")
  func slow() throws {
    let server = try NATSServerProcess()
    let settings = try server.settings()
    let log = try server.open(settings).log
    defer { log.close() }
    let count = 1_200
    var random = SeededGenerator(seed: 64)
    let payload = random.bytes(count: 64 << 10)
    var outcomes = 0
    for number in 0..<count {
      var sent = false
      while !sent {
        do throws(LogFailure) {
          try log.post(payload + withNumber(number), as: UInt64(number))
          sent = true
        } catch {
          outcomes += log.outcomes(milliseconds: 10).count
        }
      }
    }
    try waitUntil("all are stored") {
      outcomes += log.outcomes(milliseconds: 100).count
      return outcomes == count
    }
    // The reader takes nothing for a time, in which the server has to stop.
    var after: UInt64 = 0
    var number = 0
    var first: [String] = []
    while number < count {
      let messages = try log.read(after: after, milliseconds: 1_000)
      for message in messages {
        #expect(message.payload.count == payload.count + 8)
        #expect(Array(message.payload.suffix(8)) == withNumber(number))
        number += 1
      }
      if after == 0, number > 0 {
        first = try consumers(server, settings)
        sleep(2)
      }
      after = messages.last?.sequence ?? after
    }
    // It was one consumer all the time: nothing was dropped on the way.
    #expect(first.count == 1)
    #expect(try consumers(server, settings) == first)
  }

  private func consumers(
    _ server: NATSServerProcess, _ settings: NATSSettings
  ) throws -> [String] {
    let answer = try server.ask("CONSUMER.NAMES.\(settings.streamName)")
    return JSONValue(Array(answer.utf8))?["consumers"].elements.compactMap(\.text) ?? []
  }

  private func withNumber(_ number: Int) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  @Test("a consumer that is removed is made anew")
  func consumerRemoved() throws {
    let server = try NATSServerProcess()
    let settings = try server.settings()
    let log = try server.open(settings).log
    defer { log.close() }
    _ = try log.store([1], as: 1)
    #expect(try log.all(1).count == 1)
    for round in 2...4 {
      let names = try consumers(server, settings)
      // Those of rounds before are gone.
      #expect(names.count == 1)
      for name in names {
        _ = try server.ask("CONSUMER.DELETE.\(settings.streamName).\(name)")
      }
      #expect(try log.store([UInt8(round)], as: UInt64(round)) == UInt64(round))
      #expect(try log.all(1, after: UInt64(round - 1))[0].payload == [UInt8(round)])
    }
  }

  @Test("a message that is missing in the middle is a gap")
  func missing() throws {
    let server = try NATSServerProcess()
    let settings = try server.settings()
    let log = try server.open(settings).log
    defer { log.close() }
    for number in 1...6 { _ = try log.store([UInt8(number)], as: UInt64(number)) }
    _ = try server.ask("STREAM.MSG.DELETE.\(settings.streamName)", "{\"seq\":4}")
    #expect(try log.all(3).map(\.sequence) == [1, 2, 3])
    #expect(
      try LogConformanceTests.failure(of: log, after: 3) == .gap(firstSequence: 5))
    #expect(try log.all(2, after: 4).map(\.sequence) == [5, 6])
  }

  @Test("a stream that was removed is reported")
  func removed() throws {
    let server = try NATSServerProcess()
    let settings = try server.settings()
    let log = try server.open(settings).log
    defer { log.close() }
    _ = try log.store([1], as: 1)
    #expect(try log.all(1).count == 1)
    _ = try server.ask("STREAM.DELETE.\(settings.streamName)")
    #expect(
      try LogConformanceTests.failure(of: log, after: 1)
        == .streamReplaced("The stream \(settings.streamName) was removed."))
    // Nobody says what becomes of a message, and outcomes of others are not held up.
    try log.post([2], as: 2)
    #expect(log.outcomes(milliseconds: 200).isEmpty)
    let again = try server.open(settings).log
    defer { again.close() }
    try log.post([3], as: 3)
    #expect(try log.allOutcomes(1) == [3: .stored(sequence: 1)])
  }

  @Test("a stream that has lost its end is reported")
  func endLost() throws {
    let server = try NATSServerProcess()
    let settings = try server.settings()
    let log = try server.open(settings).log
    defer { log.close() }
    for number in 1...3 { _ = try log.store([UInt8(number)], as: UInt64(number)) }
    server.end()
    let copy = try Folder()
    try FileManager.default.copyItem(
      atPath: "\(server.folder.path)/store", toPath: "\(copy.path)/store")
    try server.start()
    for number in 4...6 { _ = try log.store([UInt8(number)], as: UInt64(number)) }
    #expect(try log.all(6).count == 6)
    server.end()
    try FileManager.default.removeItem(atPath: "\(server.folder.path)/store")
    try FileManager.default.copyItem(
      atPath: "\(copy.path)/store", toPath: "\(server.folder.path)/store")
    try server.start()
    #expect(
      try LogConformanceTests.failure(of: log, after: 6)
        == .streamReplaced(
          "The stream \(settings.streamName) ends at 3, and message 6 was already read: its"
            + " servers have lost messages."))
  }

  @Test("messages that others put into the inbox change nothing")
  func foreign() throws {
    let server = try NATSServerProcess()
    let settings = try server.settings()
    let log = try server.open(settings).log
    defer { log.close() }
    _ = try log.store([1], as: 1)
    #expect(try log.all(1).count == 1)
    let connection = try NATSConnection(settings)
    defer { connection.close() }
    try connection.waitUntilConnected(milliseconds: 60_000)
    let link = try connection.currentLink()
    let answer = try server.ask("CONSUMER.LIST.\(settings.streamName)")
    let consumer = try #require(JSONValue(Array(answer.utf8))?["consumers"].elements.first)
    let inbox = try #require(consumer["config"]["deliver_subject"].text)
    let name = try #require(consumer["name"].text)
    for reply in [
      nil, "a", "$JS.ACK.x.y.1.2.2.4.5", "$JS.ACK.\(settings.streamName).other.1.2.2.4.5",
    ] {
      try link.publish(Array("foreign".utf8), to: inbox, reply: reply)
    }
    // Even one that looks as the next but one only makes it look again.
    try link.publish(
      [9], to: inbox, reply: "$JS.ACK.\(settings.streamName).\(name).1.3.3.4.5")
    try link.flush(milliseconds: 60_000)
    #expect(try log.read(after: 1, milliseconds: 100).isEmpty)
    #expect(try log.store([2], as: 2) == 2)
    #expect(try log.all(1, after: 1).map(\.payload) == [[2]])
  }
}

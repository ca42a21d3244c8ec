import CLinux
import Foundation
import Glibc
import TestSupport
import Testing
import WeirAggregation
import WeirBytes
import WeirConfiguration
import WeirMetrics
import WeirSockets

@testable import WeirDaemon

private final class Flag: Sendable {
  private let isSet = Locked(false)
  func load() -> Bool { isSet.withLock { $0 } }
  func store() { isSet.withLock { $0 = true } }
}

@Suite("A stream listener")
struct StreamReceiverTests {
  @Test("takes lines of many connections, cut anywhere, and the last one without an end")
  func lines() async throws {
    let harness = try StreamHarness()
    await harness.receiver.start()
    var random = SeededGenerator(seed: 7)
    var expected = 0
    for _ in 0..<20 {
      let connections = try (0..<5).map { _ in try harness.connect() }
      let text =
        Array(String(repeating: "aa:1|c\r\nbb:2|c\n", count: 200).utf8) + Array("aa:1|c".utf8)
      expected += connections.count * 201
      var sent = [Int](repeating: 0, count: connections.count)
      while let index = sent.firstIndex(where: { $0 < text.count }) {
        let end = min(text.count, sent[index] + .random(in: 1...900, using: &random))
        harness.send(Array(text[sent[index]..<end]), to: connections[index])
        sent[index] = end
      }
      for raw in connections { close(raw) }
    }
    #expect(try await harness.wait { try await harness.value("aa") == Double(expected) })
    #expect(try await harness.value("bb") == Double(20 * 5 * 200 * 2))
    #expect(try await harness.wait { harness.meter.reading.open == 0 })
    let totals = harness.meter.reading
    #expect(totals.accepted == 100 && totals.ended[StreamEnd.sender.index] == 100)
    #expect(totals.unfinished == 0 && harness.places.used == 0)
    await harness.receiver.stop()
  }

  @Test("counts what a half-closed connection has sent, and closes it")
  func halfClosed() async throws {
    let harness = try StreamHarness()
    await harness.receiver.start()
    let raw = try harness.connect()
    harness.send("aa:1|c\naa:2|c", to: raw)
    shutdown(raw, Int32(SHUT_WR))
    #expect(harness.isClosed(raw))
    #expect(try await harness.value("aa") == 3)
    close(raw)
    await harness.receiver.stop()
  }

  @Test("ends a connection whose line is too long, and keeps what came before")
  func tooLong() async throws {
    let pipe = Pipe()
    let log = Log(
      level: .warn, format: .logfmt, descriptor: pipe.fileHandleForWriting.fileDescriptor)
    let harness = try StreamHarness(log: log)
    await harness.receiver.start()
    let longest = "cc:1|c|#" + String(repeating: "x", count: 65_535 - 8)
    for index in 0..<3 {
      let raw = try harness.connect()
      harness.send(
        "aa:1|c\n" + String(repeating: "y", count: 70_000) + ":1|c\nbb:1|c\n", to: raw)
      #expect(harness.isClosed(raw))
      #expect(try await harness.value("aa") == Double(index + 1))
      close(raw)
    }
    // One that is just as long as allowed reaches the decoder, which has limits of its own.
    let raw = try harness.connect()
    harness.send(longest + "\naa:1|c\n", to: raw)
    #expect(try await harness.wait { try await harness.value("aa") == 4 })
    close(raw)
    #expect(try await harness.value("bb") == nil)
    let totals = harness.meter.reading
    #expect(totals.ended[StreamEnd.tooLong.index] == 3 && totals.unfinished == 0)
    let refused = harness.server.refused.lastEntries
    #expect(refused.prefix(3).allSatisfy { $0.reason == .lineTooLong && $0.isCut })
    #expect(refused.prefix(3).allSatisfy { $0.sender.description.hasPrefix("127.0.0.1:") })
    await harness.receiver.stop()
    try pipe.fileHandleForWriting.close()
    let lines = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
      .split(separator: "\n")
    // The others are within the same minute.
    #expect(lines.count == 1)
    #expect(lines.first?.contains("a line is too long, and its connection is closed") == true)
    #expect(lines.first?.contains("bytes_max=65535") == true)
  }

  @Test("closes and counts connections beyond the limit, and takes new ones after some ended")
  func limit() async throws {
    let harness = try StreamHarness(connectionsMax: 3)
    await harness.receiver.start()
    let open = try (0..<3).map { _ in try harness.connect() }
    #expect(try await harness.wait { harness.meter.reading.open == 3 })
    for _ in 0..<4 {
      let raw = try harness.connect()
      #expect(harness.isClosed(raw))
      close(raw)
    }
    for raw in open { harness.send("aa:1|c\n", to: raw) }
    #expect(try await harness.wait { try await harness.value("aa") == 3 })
    let totals = harness.meter.reading
    #expect(totals.refused[StreamRefusal.limit.index] == 4 && totals.accepted == 7)
    close(open[0])
    #expect(try await harness.wait { harness.places.used == 2 })
    let raw = try harness.connect()
    harness.send("aa:1|c\n", to: raw)
    #expect(try await harness.wait { try await harness.value("aa") == 4 })
    for raw in [raw] + open.dropFirst() { close(raw) }
    await harness.receiver.stop()
  }

  @Test("closes connections from networks that are not allowed before it reads anything")
  func allowed() async throws {
    let harness = try StreamHarness(allow: ["10.0.0.0/8"])
    await harness.receiver.start()
    let raw = try harness.connect()
    harness.send("aa:1|c\n", to: raw)
    #expect(harness.isClosed(raw))
    close(raw)
    #expect(harness.meter.reading.refused[StreamRefusal.source.index] == 1)
    #expect(try await harness.value("aa") == nil)
    await harness.receiver.stop()
    let open = try StreamHarness(allow: ["10.0.0.0/8", "127.0.0.0/8"])
    await open.receiver.start()
    let other = try open.connect()
    open.send("aa:1|c\n", to: other)
    #expect(try await open.wait { try await open.value("aa") == 1 })
    close(other)
    await open.receiver.stop()
  }

  @Test("closes connections that are idle for too long, and those alone")
  func idle() async throws {
    let harness = try StreamHarness(idleSeconds: 2)
    await harness.receiver.start()
    let idle = try (0..<3).map { _ in try harness.connect() }
    harness.send("aa:1|c\naa:", to: idle[0])
    let busy = try harness.connect()
    // On a thread of its own, because tasks wait for other tests, and then this one would be idle, too.
    let meter = harness.meter
    let (sent, reading) = await withCheckedContinuation { done in
      Thread.detachNewThread {
        let line = Array("bb:1|c\n".utf8)
        var sent = 0
        while meter.reading.ended[StreamEnd.idle.index] < 3 {
          guard send(busy, line, line.count, Int32(MSG_NOSIGNAL)) == line.count else { break }
          sent += 1
          usleep(10_000)
        }
        done.resume(returning: (sent, meter.reading))
      }
    }
    for raw in idle {
      #expect(harness.isClosed(raw))
      close(raw)
    }
    #expect(try await harness.wait { try await harness.value("bb") == Double(sent) })
    #expect(try await harness.value("aa") == 1)
    // The half line is none.
    #expect(reading.unfinished == 1 && reading.open == 1)
    close(busy)
    await harness.receiver.stop()
  }

  @Test("takes in at a stop what was sent, also over connections that were not accepted yet")
  func stop() async throws {
    let harness = try StreamHarness()
    // Nothing is accepted or read before the stop, except by it.
    var connections: [Int32] = []
    for _ in 0..<30 {
      let raw = try harness.connect()
      connections.append(raw)
      harness.send(String(repeating: "aa:1|c\n", count: 5_000) + "aa:1", to: raw)
    }
    await harness.receiver.start()
    await harness.receiver.stop()
    #expect(try await harness.value("aa") == 150_000)
    let totals = harness.meter.reading
    #expect(totals.open == 0 && totals.unfinished == 30)
    #expect(totals.ended[StreamEnd.stop.index] == 30)
    for raw in connections { close(raw) }
  }

  @Test("serves others while one sends without a pause, and one sends byte by byte")
  func fairness() async throws {
    let harness = try StreamHarness()
    await harness.receiver.start()
    let (fast, slow) = (try harness.connect(), try harness.connect())
    let isDone = Flag()
    let flood = Array(String(repeating: "flood:1|c\n", count: 10_000).utf8)
    let sender = Thread { while !isDone.load() { StreamHarness.send(flood, to: fast) } }
    sender.start()
    for byte in Array("slow:1|c\n".utf8) { harness.send([byte], to: slow) }
    #expect(try await harness.wait { try await harness.value("slow") == 1 })
    for _ in 0..<50 {
      let raw = try harness.connect()
      harness.send("short:1|c\n", to: raw)
      close(raw)
    }
    #expect(try await harness.wait { try await harness.value("short") == 50 })
    isDone.store()
    #expect(try await harness.wait { sender.isFinished })
    close(fast)
    close(slow)
    await harness.receiver.stop()
  }

  @Test("takes payloads of a Unix socket, and ends a connection with one that is too long")
  func payloads() async throws {
    let folder = try Folder()
    let path = try #require(UnixPath("\(folder.path)/weir.sock"))
    let harness = try StreamHarness(path: path)
    await harness.receiver.start()
    func framed(_ text: String) -> [UInt8] {
      let bytes = Array(text.utf8)
      return (0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> (8 * $0)) } + bytes
    }
    let raw = try harness.connect()
    harness.send(framed("aa:1|c\naa:1|c") + framed("") + framed("aa:1|c\n"), to: raw)
    for byte in framed("aa:1|c") { harness.send([byte], to: raw) }
    #expect(try await harness.wait { try await harness.value("aa") == 4 })
    harness.send(framed("aa:1|c\nbad") + [1, 0, 1, 0] + Array("aa:1|c".utf8), to: raw)
    #expect(harness.isClosed(raw))
    #expect(try await harness.value("aa") == 5)
    close(raw)
    let other = try harness.connect()
    harness.send(framed("aa:1|c") + Array(framed("aa:1|c").dropLast()), to: other)
    shutdown(other, Int32(SHUT_WR))
    #expect(harness.isClosed(other))
    close(other)
    // Half a payload is none.
    #expect(try await harness.value("aa") == 6)
    let totals = harness.meter.reading
    #expect(totals.unfinished == 1 && totals.ended[StreamEnd.tooLong.index] == 1)
    let sender = harness.server.refused.lastEntries.last?.sender
    #expect(sender == .named("\(path.text):pid=\(getpid())"))
    await harness.receiver.stop()
    #expect(folder.names == [])
  }

  @Test("notices at once that a sender has closed, whatever it has sent before")
  func closing() async throws {
    let folder = try Folder()
    let path = try #require(UnixPath("\(folder.path)/weir.sock"))
    for harness in [try StreamHarness(path: path), try StreamHarness()] {
      await harness.receiver.start()
      for length in [0, 1, 100, 61_440, 300_000] {
        for isReset in [false, true] {
          let raw = try harness.connect()
          // Lengths of nothing, or empty lines.
          let bytes = [UInt8](repeating: harness.name.address == nil ? 0 : 10, count: length)
          harness.send(bytes, to: raw)
          if isReset {
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(
              raw, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
          }
          close(raw)
        }
      }
      let isOver = try await harness.wait {
        harness.meter.reading.open == 0 && harness.meter.reading.accepted == 10
      }
      #expect(isOver)
      await harness.receiver.stop()
    }
  }

  @Test("takes text only: a frame of the push protocol is a line that is refused")
  func frames() async throws {
    let harness = try StreamHarness()
    await harness.receiver.start()
    let raw = try harness.connect()
    let frame = TestServer.frame(9, 1, [])
    harness.send(frame + Array("\naa:1|c\n".utf8), to: raw)
    #expect(try await harness.wait { try await harness.value("aa") == 1 })
    #expect(harness.server.owners.totals().frames == 0)
    #expect(!harness.server.refused.lastEntries.isEmpty)
    close(raw)
    await harness.receiver.stop()
  }
}

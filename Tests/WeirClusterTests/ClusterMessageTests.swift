import TestSupport
import Testing
import WeirBytes

@testable import WeirCluster

struct ClusterMessageTests {
  struct Read: Equatable {
    var node: UInt64
    var entries: [String]
  }

  static func read(_ bytes: [UInt8]) throws(ClusterMessageReader.Refusal) -> Read {
    var reader = try ClusterMessageReader(bytes.span)
    var read = Read(node: reader.node, entries: [])
    while let (entry, payload) = try reader.next() {
      read.entries.append("\(entry) \(Array(bytes[payload]))")
    }
    return read
  }

  @Test func `entries come back as they were written`() throws {
    var writer = ClusterMessageWriter(node: 0x0102_0304_0506_0708)
    #expect(writer.isEmpty)
    writer.append(.frame, [1, 2, 3])
    writer.append(marker: 300)
    writer.append(.hello, [])
    let message = writer.take()
    #expect(
      message == [
        1, 8, 7, 6, 5, 4, 3, 2, 1, 1, 3, 1, 2, 3, 2, 2, 0xAC, 0x02, 128, 0,
      ])
    #expect(
      try ClusterMessageTests.read(message)
        == Read(
          node: 0x0102_0304_0506_0708, entries: ["frame [1, 2, 3]", "marker [172, 2]", "hello []"]))
    #expect(writer.isEmpty)
    #expect(writer.take().count == ClusterFormat.headBytes)
  }

  @Test func `a message takes 64 KiB, and one frame of any length`() {
    var writer = ClusterMessageWriter(node: 1)
    #expect(!writer.isFull(for: 70_000))
    writer.append(.frame, [UInt8](repeating: 0, count: 60_000))
    #expect(!writer.isFull(for: 5_000))
    #expect(writer.isFull(for: 5_600))
    var all = 0
    while !writer.isFull(for: 1_000) {
      writer.append(.frame, [UInt8](repeating: 0, count: 1_000))
      all += 1
    }
    #expect(all == 5)
    #expect(writer.take().count <= ClusterFormat.messageBytesMax)
  }

  @Test func `what no Weir wrote is refused`() {
    var writer = ClusterMessageWriter(node: 1)
    writer.append(.frame, [1, 2, 3])
    let message = writer.take()
    for length in 0..<message.count where length != ClusterFormat.headBytes {
      #expect(throws: ClusterMessageReader.Refusal.short) {
        try ClusterMessageTests.read(Array(message[..<length]))
      }
    }
    #expect(throws: ClusterMessageReader.Refusal.short) {
      try ClusterMessageTests.read([0] + message[1...])
    }
    #expect(throws: ClusterMessageReader.Refusal.newer(version: 9)) {
      try ClusterMessageTests.read([9] + message[1...])
    }
  }

  @Test func `any bytes are read or refused`() {
    var random = SeededGenerator(seed: 5)
    var (good, refused) = (0, 0)
    for _ in 0..<20_000 {
      var bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
        random.oneIn(3) ? UInt8(random.next() & 255) : UInt8(random.next() & 3)
      }
      if !bytes.isEmpty { bytes[0] = 1 }
      do {
        _ = try ClusterMessageTests.read(bytes)
        good += 1
      } catch {
        refused += 1
      }
    }
    #expect(good > 100)
    #expect(refused > 1_000)
  }
}

import TestSupport
import Testing

@testable import WeirWire

@Suite struct LinePackerTests {
  /// The packets of some messages, as text.
  private func packets(_ packetBytes: Int, _ messages: [String]) -> [String] {
    var packer = LinePacker(packetBytes: packetBytes)
    for message in messages {
      let bytes = Array(message.utf8)
      packer.append(bytes.span, from: 0, to: bytes.count)
    }
    return texts(packer.take(open: true))
  }

  private func texts(_ packed: PackedLines?) -> [String] {
    guard let packed else { return [] }
    return packed.packets.indices.map {
      String(decoding: packed.bytes[packed.range(of: $0)], as: UTF8.self)
    }
  }

  static let cases: [(packetBytes: Int, messages: [String], packets: [String])] = [
    (20, [], []),
    (20, [""], []),
    (20, ["\n\n\n"], []),
    (20, ["a:1|c"], ["a:1|c\n"]),
    (20, ["a:1|c\n"], ["a:1|c\n"]),
    (20, ["a:1|c\r\n", "not a line"], ["a:1|c\r\nnot a line\n"]),
    (20, ["a:1|c", "b:2|c", "c:3|c", "d:4|c"], ["a:1|c\nb:2|c\nc:3|c\n", "d:4|c\n"]),
    (12, ["a:1|c\nb:2|c\nc:3|c"], ["a:1|c\nb:2|c\n", "c:3|c\n"]),
    // A packet that is exactly full, with and without the last newline.
    (6, ["a:1|c", "b:2|c\n"], ["a:1|c\n", "b:2|c\n"]),
    (6, ["a:1|c\nb:2|c"], ["a:1|c\n", "b:2|c\n"]),
    // One byte too long.
    (6, ["aa:1|c", "b:2|c", "aa:1|c\nc:3|c"], ["b:2|c\n", "c:3|c\n"]),
    (6, ["aa:1|c\n"], []),
    // It closes no packet.
    (12, ["a:1|c", "a_long_line:1|c", "b:2|c"], ["a:1|c\nb:2|c\n"]),
    (20, ["\n\na:1|c\n\n\nb:2|c\n\n"], ["a:1|c\nb:2|c\n"]),
    (2, ["a\nb\n\ncc\nd"], ["a\n", "b\n", "d\n"]),
  ]

  @Test(arguments: cases)
  func `lines are packed as they came`(
    packetBytes: Int, messages: [String], packets: [String]
  ) {
    #expect(self.packets(packetBytes, messages) == packets)
  }

  @Test func `only full packets are taken unless the open one is asked for`() {
    var packer = LinePacker(packetBytes: 12)
    let bytes = Array("a:1|c\nb:2|c\nc:3|c".utf8)
    packer.append(bytes.span, from: 0, to: bytes.count)
    let first = packer.take()
    #expect(texts(first) == ["a:1|c\nb:2|c\n"])
    #expect(first?.packets.map(\.lines) == [2])
    #expect(packer.take() == nil)
    packer.append(bytes.span, from: 0, to: 5)
    #expect(texts(packer.take(open: true)) == ["c:3|c\na:1|c\n"])
    #expect(packer.take(open: true) == nil)
  }

  @Test func `lines that are too long are counted once`() {
    var packer = LinePacker(packetBytes: 6)
    let bytes = Array("aa:1|c\nb:2|c\ncc:1|c".utf8)
    packer.append(bytes.span, from: 0, to: bytes.count)
    #expect(packer.takeLongLines() == 2)
    #expect(packer.takeLongLines() == 0)
  }

  /// Packs line by line.
  private func naive(_ packetBytes: Int, _ messages: [[UInt8]]) -> ([[UInt8]], long: Int) {
    var packets: [[UInt8]] = []
    var open: [UInt8] = []
    var long = 0
    for line in messages.flatMap({ $0.split(separator: 0x0A) }) {
      if line.count + 1 > packetBytes {
        long += 1
        continue
      }
      if open.count + line.count + 1 > packetBytes {
        packets.append(open)
        open = []
      }
      open += line + [0x0A]
    }
    return (open.isEmpty ? packets : packets + [open], long)
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `random messages are packed as one line after another would be`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<100 {
      let packetBytes = generator.pick([2, 7, 33, 64, 100, 1_400])
      let rarity = generator.pick([2, 5, 20, 90])
      let messages = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
        (0..<Int.random(in: 0...300, using: &generator)).map { _ in
          generator.oneIn(rarity) ? UInt8(0x0A) : UInt8.random(in: 0x20...0xFF, using: &generator)
        }
      }
      var packer = LinePacker(packetBytes: packetBytes)
      var taken: [PackedLines] = []
      for message in messages {
        // Bytes before and after a message are not its own.
        let bytes = Array("x\n".utf8) + message + Array("\ny".utf8)
        packer.append(bytes.span, from: 2, to: bytes.count - 2)
        if generator.oneIn(3), let some = packer.take() { taken.append(some) }
      }
      if let rest = packer.take(open: true) { taken.append(rest) }
      let packets = taken.flatMap { packed in
        packed.packets.indices.map { Array(packed.bytes[packed.range(of: $0)]) }
      }
      let expected = naive(packetBytes, messages)
      // A packet is closed only by the line that does not fit, so the packets are the same ones.
      #expect(packets == expected.0)
      #expect(packer.takeLongLines() == expected.long)
      #expect(
        taken.flatMap { $0.packets.map(\.lines) }
          == packets.map { $0.count { $0 == 0x0A } })
    }
  }
}

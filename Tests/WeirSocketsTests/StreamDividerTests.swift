import TestSupport
import Testing

@testable import WeirSockets

/// What a connection's bytes become when they come in the given pieces.
private struct Divided: Equatable {
  var messages: [[UInt8]] = []
  var isTooLong = false
  /// Whether nothing was cut off at the end.
  var isWhole = true

  /// The messages of lines, one after another: where they are cut depends on the pieces.
  var bytes: [UInt8] { messages.flatMap { $0 } }

  init() {}

  init(_ pieces: [[UInt8]], _ framing: StreamFraming) {
    var divider = StreamDivider()
    var rest = StreamRest()
    for piece in pieces {
      divider.read.data.replaceSubrange(0..<piece.count, with: piece)
      let found = divider.divide(piece.count, after: &rest, framing)
      add(divider)
      if found == .tooLong {
        isTooLong = true
        return
      }
    }
    isWhole = divider.end(&rest, framing)
    add(divider)
  }

  private mutating func add(_ divider: borrowing StreamDivider) {
    for index in 0..<divider.joined.count {
      messages.append(Array(divider.joined.data[divider.joined.range(of: index)]))
    }
    for index in 0..<divider.read.count {
      messages.append(Array(divider.read.data[divider.read.range(of: index)]))
    }
  }
}

/// Random bytes; long ones repeat a few, because making them takes most of a test's time.
private func noise(
  _ count: Int, from least: UInt8 = 0, _ random: inout SeededGenerator
) -> [UInt8] {
  let few = (0..<min(count, 97)).map { _ in UInt8.random(in: least...255, using: &random) }
  var bytes: [UInt8] = []
  while bytes.count < count { bytes += few.prefix(count - bytes.count) }
  return bytes
}

/// Cuts bytes at random places, into pieces of at most one read.
private func pieces(
  of bytes: [UInt8], longest: Int, _ random: inout SeededGenerator
) -> [[UInt8]] {
  var pieces: [[UInt8]] = []
  var start = 0
  while start < bytes.count {
    let end = min(start + .random(in: 1...longest, using: &random), bytes.count)
    pieces.append(Array(bytes[start..<end]))
    start = end
  }
  return pieces
}

@Suite("Lines of a connection")
struct LineDividerTests {
  @Test("come out whole wherever the bytes are cut", arguments: [0, 1])
  func everyCut(_ unended: Int) {
    let text = Array("\n\naa:1|c\r\n\r\nbb:2|c\nc:3|c\(unended == 0 ? "\n" : "")".utf8)
    for first in 0...text.count {
      for second in first...text.count {
        let divided = Divided(
          [Array(text[..<first]), Array(text[first..<second]), Array(text[second...])], .lines)
        #expect(divided.bytes == text)
        #expect(!divided.isTooLong && divided.isWhole)
        #expect(divided.messages.dropLast().allSatisfy { $0.last == 10 })
        #expect(divided.messages.last?.last == (unended == 0 ? 10 : text.last))
      }
    }
  }

  @Test("are as an obviously right splitter has them", arguments: 0..<60)
  func oracle(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let lengths = [0, 1, 7, 200, 4_095, 30_000, 65_534, 65_535]
    var lines: [[UInt8]] = []
    for _ in 0..<Int.random(in: 1...12, using: &random) {
      let length = lengths.randomElement(using: &random) ?? 0
      lines.append(noise(length, from: 11, &random))
    }
    // One in three has a line that is too long.
    let bad = Int.random(in: 0..<3 * lines.count, using: &random)
    if bad < lines.count {
      let length =
        65_536 + (Bool.random(using: &random) ? 0 : Int.random(in: 1...80_000, using: &random))
      lines[bad] = [UInt8](repeating: 120, count: length)
    }
    let bytes = Array(lines.joined(separator: [10]))
    let longest = [30, 100, 5_000, StreamDivider.readBytes].randomElement(using: &random) ?? 1
    let divided = Divided(pieces(of: bytes, longest: longest, &random), .lines)
    guard bad < lines.count else {
      #expect(divided.bytes == bytes)
      #expect(!divided.isTooLong && divided.isWhole)
      return
    }
    #expect(divided.isTooLong)
    let before = Array(lines[..<bad].map { $0 + [10] }.joined())
    #expect(divided.bytes.starts(with: before))
    let last = divided.messages.last ?? []
    // What is left of it is longer than a line may be, so that a decoder refuses it.
    #expect(last.count > StreamFraming.lineBytesMax && !last.contains(10))
    #expect(divided.bytes.count == before.count + last.count)
  }

  @Test("may have 64 KiB with their end")
  func longest() {
    let line = [UInt8](repeating: 97, count: 65_535)
    for ends in [[UInt8(10)], []] {
      let bytes = line + ends
      let half = Divided([Array(bytes[..<30_000]), Array(bytes[30_000...])], .lines)
      #expect(half.messages == [bytes] && !half.isTooLong)
    }
    let tooLong = line + [97, 10]
    let divided = Divided([Array(tooLong[..<30_000]), Array(tooLong[30_000...])], .lines)
    #expect(divided.isTooLong && divided.messages == [line + [97]])
  }

  @Test("take no memory when they are all whole, and never more than twice a line")
  func memory() {
    var divider = StreamDivider()
    var rest = StreamRest()
    var most = 0
    for _ in 0..<65_535 {
      divider.read.data[0] = 97
      _ = divider.divide(1, after: &rest, .lines)
      most = max(most, rest.capacity)
    }
    #expect(most <= 2 * StreamFraming.lineBytesMax)
    #expect(rest.count == 65_535)
    divider.read.data[0] = 10
    _ = divider.divide(1, after: &rest, .lines)
    #expect(rest.capacity == 0)
    _ = divider.divide(0, after: &rest, .lines)
    let held = divider.joined.data.count
    #expect(held == 0)
  }
}

@Suite("Payloads of a connection")
struct PayloadDividerTests {
  private func framed(_ payload: [UInt8]) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: payload.count >> (8 * $0)) } + payload
  }

  @Test("come out whole wherever the bytes are cut")
  func everyCut() {
    let payloads = ["", "aa:1|c\nbb:2|c", "c:3|c\n"].map { Array($0.utf8) }
    let bytes = payloads.flatMap(framed)
    for first in 0...bytes.count {
      for second in first...bytes.count {
        let divided = Divided(
          [Array(bytes[..<first]), Array(bytes[first..<second]), Array(bytes[second...])],
          .payloads)
        #expect(divided.messages == payloads)
        #expect(!divided.isTooLong && divided.isWhole)
      }
      // The stream ends in the middle of something, or between two payloads.
      let cut = Divided([Array(bytes[..<first])], .payloads)
      let ends = [0, 4, 4 + 4 + payloads[1].count, bytes.count]
      #expect(cut.isWhole == ends.contains(first))
      #expect(payloads.starts(with: cut.messages))
    }
  }

  @Test("are those that were sent, or those before one that is too long", arguments: 0..<60)
  func random(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let lengths = [0, 1, 50, 1_400, 8_192, 61_440, 65_535, 65_536]
    let payloads = (0..<Int.random(in: 1...12, using: &random)).map { _ in
      noise(lengths.randomElement(using: &random) ?? 0, &random)
    }
    let isBad = seed % 3 == 0
    let length = UInt32.random(in: 65_537...UInt32.max, using: &random)
    let bad = (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    let bytes = payloads.flatMap(framed) + (isBad ? bad + [1, 2, 3] : [])
    let longest = [30, 100, 5_000, StreamDivider.readBytes].randomElement(using: &random) ?? 1
    let divided = Divided(pieces(of: bytes, longest: longest, &random), .payloads)
    #expect(divided.messages == payloads)
    #expect(divided.isTooLong == isBad)
  }

  @Test("of which only a length has come take no memory for the rest")
  func declared() {
    var divider = StreamDivider()
    var rest = StreamRest()
    for (index, byte) in [UInt8(0), 0, 1, 0, 97].enumerated() { divider.read.data[index] = byte }
    let found = divider.divide(5, after: &rest, .payloads)
    #expect(found == .messages && rest.count == 5 && rest.capacity < 100)
  }
}

@Suite("A batch of a stream")
struct StreamBatchTests {
  @Test("finds the message of every byte")
  func containing() {
    var batch = StreamBatch(data: [UInt8](repeating: 0, count: 40), sender: .named("a"))
    batch.ranges = [4..<4, 8..<10, 14..<20, 24..<24, 28..<40]
    for (index, range) in batch.ranges.enumerated() {
      for offset in range {
        let found = batch.message(containing: offset)
        #expect(found == index)
      }
    }
    let holdsFrames = batch.holdsFrames
    #expect(!holdsFrames)
  }
}

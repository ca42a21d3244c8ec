import WeirBytes

/// Packs lines, as they came, into packets of a limited size.
///
///     packet 0                    packet 1                      open packet
///     a:1|c ⏎ b:2|ms ⏎ no line ⏎  c:3|g ⏎ d.e:4|c|#tag:x ⏎      f:5|c ⏎
///
/// Each line ends in a newline. Empty lines are left out. A line that is longer than `packetBytes - 1` is
/// left out as well, and counted.
///
/// Lines are copied many at a time: as much of a message as fits into the open packet is one copy, which ends
/// after the last newline that fits.
package struct LinePacker: Sendable {
  /// The most bytes of a packet.
  package let packetBytes: Int

  /// The closed packets one after another, then the open one.
  private var writer = ByteWriter()
  private var packets: [PackedLines.Packet] = []
  /// Where the open packet begins.
  private var openStart = 0
  private var openLines = 0
  private var longLines = 0

  /// - Precondition: `packetBytes` has room for one byte and its newline.
  package init(packetBytes: Int) {
    precondition(packetBytes >= 2, "no line fits into a packet")
    self.packetBytes = packetBytes
  }

  private var openBytes: Int { writer.bytes.count - openStart }

  /// Appends the lines of one message, `bytes[start..<end]`. The last one needs no newline.
  ///
  /// - Precondition: `0 <= start <= end <= bytes.count`.
  /// - Complexity: O(`end - start + packetBytes`).
  package mutating func append(_ bytes: Span<UInt8>, from start: Int, to end: Int) {
    var start = start
    while start < end {
      let room = packetBytes - openBytes
      if end - start < room || end - start == room && bytes[end - 1] == LinePacker.newline {
        copy(bytes, from: start, to: end)
        return
      }
      if let cut = LinePacker.lastLineEnd(in: bytes, from: start, to: min(end, start + room)) {
        copy(bytes, from: start, to: cut)
        start = cut
        continue
      }
      let lineEnd = bytes.lineEnd(from: start, to: end).end
      if lineEnd - start < packetBytes {
        close()
      } else {
        longLines += 1
        start = lineEnd + 1
      }
    }
  }

  /// Takes out the packets that are full; with `open`, also the one that is not yet full.
  ///
  /// - Returns: Nil if there are none.
  package mutating func take(open: Bool = false) -> PackedLines? {
    if open { close() }
    guard !packets.isEmpty else { return nil }
    let rest = writer.bytes[openStart...]
    var next = ByteWriter(capacity: writer.bytes.count)
    next.append(Array(rest))
    writer.truncate(to: openStart)
    let taken = PackedLines(bytes: writer.bytes, packets: packets)
    writer = next
    packets = []
    openStart = 0
    return taken
  }

  /// The number of lines that were too long since the last call.
  package mutating func takeLongLines() -> Int {
    defer { longLines = 0 }
    return longLines
  }

  private static var newline: UInt8 { UInt8(ascii: "\n") }

  /// Copies lines that fit into the open packet.
  private mutating func copy(_ bytes: Span<UInt8>, from start: Int, to end: Int) {
    let (count, hasEmptyLine) = bytes.newlines(from: start, to: end)
    if hasEmptyLine { return copyLines(bytes, from: start, to: end) }
    writer.append(bytes.extracting(start..<end))
    openLines += count
    if bytes[end - 1] != LinePacker.newline {
      writer.append(LinePacker.newline)
      openLines += 1
    }
  }

  /// Copies lines one by one, without the empty ones.
  @inline(never)
  private mutating func copyLines(_ bytes: Span<UInt8>, from start: Int, to end: Int) {
    var start = start
    while start < end {
      let lineEnd = bytes.lineEnd(from: start, to: end).end
      if lineEnd > start {
        writer.append(bytes.extracting(start..<lineEnd))
        writer.append(LinePacker.newline)
        openLines += 1
      }
      start = lineEnd + 1
    }
  }

  private mutating func close() {
    guard openBytes > 0 else { return }
    packets.append(PackedLines.Packet(end: writer.bytes.count, lines: openLines))
    openStart = writer.bytes.count
    openLines = 0
  }

  /// The index after the last newline in `start..<end`; nil if there is none.
  private static func lastLineEnd(in bytes: Span<UInt8>, from start: Int, to end: Int) -> Int? {
    var index = end
    while index > start {
      if bytes[index - 1] == newline { return index }
      index -= 1
    }
    return nil
  }
}

/// Packets of lines that are ready to be sent, in one array.
package struct PackedLines: Sendable, Equatable {
  package struct Packet: Sendable, Equatable {
    /// The index after its last byte.
    package let end: Int
    package let lines: Int
  }

  package let bytes: [UInt8]
  /// In order; the first one begins at 0, and each other one where the one before it ends.
  package let packets: [Packet]

  /// Where a packet is in `bytes`.
  package func range(of index: Int) -> Range<Int> {
    (index == 0 ? 0 : packets[index - 1].end)..<packets[index].end
  }
}

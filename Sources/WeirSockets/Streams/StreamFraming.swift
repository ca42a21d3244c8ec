import WeirBytes

/// How the bytes of a connection are divided into messages.
package enum StreamFraming: Sendable {
  /// Lines, each ending in `\n` or `\r\n`; the last one of a connection needs no end. A message is a run of
  /// whole lines.
  case lines
  /// DogStatsD's form for Unix stream sockets: before each payload, the number of its bytes as 32 bits,
  /// little-endian. A message is a payload, which holds lines.
  case payloads

  /// The most bytes of a line without its `\n`: with it, 64 KiB.
  package static let lineBytesMax = 65_535
  /// The most bytes of a payload.
  package static let payloadBytesMax = 65_536
  /// The bytes of a payload's length.
  static let lengthBytes = 4
}

/// What a connection has sent and what is not yet a whole message.
///
/// It takes memory only while there is something: at most `StreamFraming.lineBytesMax` bytes, or a payload
/// and its length.
package struct StreamRest: Sendable {
  fileprivate var bytes: [UInt8] = []

  package init() {}

  package var isEmpty: Bool { bytes.isEmpty }
  package var count: Int { bytes.count }
  var capacity: Int { bytes.capacity }

  /// Appends a range of `source`.
  fileprivate mutating func append(_ source: [UInt8], _ range: Range<Int>) {
    let needed = bytes.count + range.count
    if needed > bytes.capacity {
      // An array would double beyond what a rest can become.
      let most = StreamFraming.lengthBytes + StreamFraming.payloadBytesMax
      bytes.reserveCapacity(max(needed, min(2 * needed, most)))
    }
    bytes += source[range]
  }
}

/// Divides what connections send into messages.
///
///     rest before       one read
///     a:1|c\nb:2     |  |c\nc:3|c\nd:
///            ───        ────
///         joined: b:2|c\n        read: c:3|c\n        rest after: d:
///
/// One value serves all connections of a listener, one read after another. What a read completes is joined
/// with the rest from before; everything else stays where it was read.
package struct StreamDivider: ~Copyable {
  /// Bytes that one read takes at most: below the length from which lines have to be measured
  /// before they are decoded.
  package static let readBytes = 60 * 1024

  /// The whole messages of the last read.
  package var read: StreamBatch
  /// The message that the last read completed, if there is one. It comes before those of `read`.
  package var joined = StreamBatch()

  /// What is found in a read.
  package enum Found: Equatable, Sendable {
    /// Messages, in `joined` and `read`; possibly none.
    case messages
    /// The same, and after them a line or a payload that is too long. Nothing that follows can be
    /// trusted. The line is in `joined`, where a decoder refuses it.
    case tooLong
  }

  package init() {
    read = StreamBatch(data: [UInt8](repeating: 0, count: StreamDivider.readBytes))
  }

  /// Divides the `count` bytes at the start of `read.data`.
  ///
  /// - Parameter rest: What the connection sent before; replaced by what is left.
  /// - Complexity: O(`count`) and the length of a completed message.
  package mutating func divide(
    _ count: Int, after rest: inout StreamRest, _ framing: StreamFraming
  ) -> Found {
    precondition((0...StreamDivider.readBytes).contains(count), "not what one read takes")
    removeMessages()
    return switch framing {
    case .lines: divideLines(count, &rest)
    case .payloads: dividePayloads(count, &rest)
    }
  }

  /// Takes the end of a stream: an unfinished line is a message then, an unfinished payload is not.
  ///
  /// - Returns: Whether nothing was cut off.
  package mutating func end(_ rest: inout StreamRest, _ framing: StreamFraming) -> Bool {
    removeMessages()
    defer { rest = StreamRest() }
    if rest.isEmpty { return true }
    guard framing == .lines else { return false }
    join(&rest, from: 0)
    return true
  }

  private mutating func removeMessages() {
    read.ranges.removeAll(keepingCapacity: true)
    if !joined.ranges.isEmpty {
      joined.ranges.removeAll(keepingCapacity: true)
      joined.data = []
    }
  }

  /// Makes the rest the joined message, without what is before `start`.
  private mutating func join(_ rest: inout StreamRest, from start: Int) {
    swap(&joined.data, &rest.bytes)
    rest = StreamRest()
    joined.ranges.append(start..<joined.data.count)
  }

  private mutating func divideLines(_ count: Int, _ rest: inout StreamRest) -> Found {
    var start = 0
    if !rest.isEmpty {
      let newline = read.bytes.lineEnd(from: 0, to: count).end
      if rest.count + newline > StreamFraming.lineBytesMax {
        rest.append(read.data, 0..<newline)
        join(&rest, from: 0)
        return .tooLong
      }
      guard newline < count else {
        rest.append(read.data, 0..<count)
        return .messages
      }
      start = newline + 1
      rest.append(read.data, 0..<start)
      join(&rest, from: 0)
    }
    var end = count
    while end > start, read.data[end - 1] != UInt8(ascii: "\n") { end -= 1 }
    if end > start { read.ranges.append(start..<end) }
    if end < count { rest.append(read.data, end..<count) }
    return .messages
  }

  private mutating func dividePayloads(_ count: Int, _ rest: inout StreamRest) -> Found {
    var position = 0
    if !rest.isEmpty {
      let head = StreamFraming.lengthBytes
      if rest.count < head {
        position = min(head - rest.count, count)
        rest.append(read.data, 0..<position)
        if rest.count < head { return .messages }
      }
      let length = Self.length(rest.bytes, at: 0)
      guard length <= StreamFraming.payloadBytesMax else { return .tooLong }
      let missing = min(head + length - rest.count, count - position)
      rest.append(read.data, position..<position + missing)
      position += missing
      if rest.count < head + length { return .messages }
      join(&rest, from: head)
    }
    while count - position >= StreamFraming.lengthBytes {
      let length = Self.length(read.data, at: position)
      guard length <= StreamFraming.payloadBytesMax else { return .tooLong }
      let start = position + StreamFraming.lengthBytes
      guard count - start >= length else { break }
      read.ranges.append(start..<start + length)
      position = start + length
    }
    if position < count { rest.append(read.data, position..<count) }
    return .messages
  }

  private static func length(_ bytes: [UInt8], at index: Int) -> Int {
    (0..<StreamFraming.lengthBytes).reduce(0) { $0 | Int(bytes[index + $1]) << (8 * $1) }
  }
}

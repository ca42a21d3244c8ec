import WeirBytes
import WeirMetrics

/// Reads pushed frames (docs/protocol.md): first the header, which tells by whom a frame says that it
/// was signed, and then the rest.
///
/// It makes nothing: all goes into the lists of a `PushFrame`, which grow with the bytes that have been
/// read and never with a length that was only declared.
package struct PushDecoder: Sendable {
  /// Milliseconds from 1970 to the end of the year 9999: no time is later.
  static let timeMax: UInt64 = 253_402_300_799_999

  package init() {}

  /// Whether what begins at `start` is a frame of the protocol, and not text.
  @inline(__always)
  package static func isFrame(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Bool {
    start < end && bytes[start] == PushFormat.magic.0
  }

  /// Empties `frame` and reads its header.
  package func readHeader(
    _ bytes: Span<UInt8>, from start: Int, to end: Int, into frame: inout PushFrame
  ) throws(PushRefusal) {
    frame.removeAll()
    frame.header = PushHeader()
    guard end - start <= PushFormat.frameBytesMax else { throw .truncated }
    var cursor = ByteCursor(from: start, to: end)
    guard cursor.byte(bytes) == PushFormat.magic.0, cursor.byte(bytes) == PushFormat.magic.1 else {
      throw cursor.hasFailed ? .truncated : .unknownVersion
    }
    let version = cursor.byte(bytes)
    if cursor.hasFailed { throw .truncated }
    guard version == PushFormat.version else { throw .unknownVersion }
    let flags = PushFormat.Flags(rawValue: cursor.byte(bytes))
    if cursor.hasFailed { throw .truncated }
    guard flags.isSubset(of: .known) else { throw .unknownFlags }
    if flags.contains(.answer) { throw .badHeader }
    var header = PushHeader()
    header.isSigned = flags.contains(.signed)
    header.isFinal = flags.contains(.final)
    header.wantsAnswer = flags.contains(.confirm)
    header.bodyEnd = end
    if header.isSigned {
      guard cursor.remaining >= PushFormat.tagBytes + 1 else { throw .truncated }
      header.bodyEnd = end - PushFormat.tagBytes
      cursor = ByteCursor(from: cursor.index, to: header.bodyEnd)
      header.key = try readKey(bytes, &cursor)
    }
    try readInstance(bytes, &cursor, into: &header)
    header.bodyStart = cursor.index
    frame.header = header
  }

  private func readKey(
    _ bytes: Span<UInt8>, _ cursor: inout ByteCursor
  ) throws(PushRefusal) -> PushRange {
    let length = Int(cursor.byte(bytes))
    guard (1...PushFormat.keyIDBytesMax).contains(length) else { throw .badHeader }
    let start = cursor.skip(length)
    if cursor.hasFailed { throw .truncated }
    return PushRange(first: start, count: length)
  }

  private func readInstance(
    _ bytes: Span<UInt8>, _ cursor: inout ByteCursor, into header: inout PushHeader
  ) throws(PushRefusal) {
    let number = cursor.word(bytes)
    let start = cursor.varint(bytes)
    header.sequence = cursor.varint(bytes)
    header.ageMilliseconds = cursor.varint(bytes)
    if cursor.hasFailed { throw .truncated }
    guard header.sequence > 0, start <= PushDecoder.timeMax,
      header.ageMilliseconds <= PushDecoder.timeMax - start
    else { throw .badHeader }
    header.instance = InstanceID(number: number, startMilliseconds: start)
  }

  /// Reads what follows the header that `readHeader` has put into `frame`. Records that can't be meant
  /// are refused in the frame.
  ///
  /// - Throws: `truncated`, `badString` or `badBounds`; the frame's records are then of no use.
  /// - Complexity: O(bytes).
  package func readBody(_ bytes: Span<UInt8>, into frame: inout PushFrame) throws(PushRefusal) {
    var cursor = ByteCursor(from: frame.header.bodyStart, to: frame.header.bodyEnd)
    try readStrings(bytes, &cursor, into: &frame)
    let common = readLabels(bytes, &cursor, into: &frame.common, strings: frame.strings.count)
    if cursor.hasFailed { throw .truncated }
    guard common != nil else { throw .badString }
    try readBounds(bytes, &cursor, into: &frame)
    while cursor.remaining > 0 { readRecord(bytes, &cursor, into: &frame) }
  }

  private func readStrings(
    _ bytes: Span<UInt8>, _ cursor: inout ByteCursor, into frame: inout PushFrame
  ) throws(PushRefusal) {
    let count = cursor.count(bytes)
    let start = cursor.index
    for _ in 0..<count {
      let length = cursor.count(bytes)
      frame.strings.append(PushFrame.Text(start: cursor.skip(length), length: length))
    }
    if cursor.hasFailed { throw .truncated }
    // Nearly always all of it is ASCII, which is seen at one go.
    if bytes.isASCII(from: start, to: cursor.index) { return }
    for index in frame.strings.indices {
      let text = frame.strings[index].range
      guard bytes.isUTF8(from: text.lowerBound, to: text.upperBound) else { throw .badString }
    }
  }

  /// Reads a count and so many labels.
  ///
  /// - Returns: Where they stand in `list`; nil where one points to no string.
  @inline(__always)
  func readLabels(
    _ bytes: Span<UInt8>, _ cursor: inout ByteCursor, into list: inout Column<PushFrame.Label>,
    strings: Int
  ) -> PushRange? {
    let count = cursor.count(bytes, bytesEach: 2)
    let first = list.count
    var isKnown = true
    for _ in 0..<count {
      let name = cursor.varint(bytes)
      let value = cursor.varint(bytes)
      isKnown = isKnown && name < UInt64(strings) && value < UInt64(strings)
      list.append(
        PushFrame.Label(
          name: UInt32(truncatingIfNeeded: name), value: UInt32(truncatingIfNeeded: value)))
    }
    return isKnown ? PushRange(first: first, count: count) : nil
  }

  private func readBounds(
    _ bytes: Span<UInt8>, _ cursor: inout ByteCursor, into frame: inout PushFrame
  ) throws(PushRefusal) {
    let lists = cursor.count(bytes)
    var isAscending = true
    for _ in 0..<lists {
      let count = cursor.count(bytes)
      let first = frame.bounds.count
      var last = -Double.infinity
      isAscending = isAscending && count <= PushFormat.boundsMax
      for _ in 0..<count {
        let bound = cursor.number(bytes)
        isAscending = isAscending && bound.isFinite && bound > last
        last = bound
        frame.bounds.append(bound)
      }
      frame.boundsLists.append(PushRange(first: first, count: count))
    }
    if cursor.hasFailed { throw .truncated }
    guard isAscending else { throw .badBounds }
  }
}

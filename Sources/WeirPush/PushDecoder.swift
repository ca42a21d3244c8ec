import WeirBytes
import WeirMetrics

/// Reads pushed frames (docs/protocol.md).
///
///     F7 57 01 flags [key] instance start sequence age    readHeader: sender, id of the key
///     ------------------------------------------------
///     strings                                             readBody, once the tag was checked
///     common labels
///     bounds
///     [clock] [forwarder] record record record ...
///     ------------------------------------------------
///     [tag]
///
/// Nothing is allocated for a frame: everything goes into the lists of a `PushFrame`. They grow
/// with the bytes that have been read, never with a length that was only declared. The fingerprint
/// of each series is computed while its labels are read.
package struct PushDecoder: ~Copyable {
  /// The end of the year 9999, in milliseconds since 1970. Later times are refused.
  static let timeMax: UInt64 = 253_402_300_799_999

  var fingerprints: StringFingerprints
  /// The labels of one record, where not all of them may hold.
  var labelFingerprints = LabelFingerprints()
  /// The common labels, read when a record of the frame first needs them.
  var commonFingerprints = LabelFingerprints()
  var hasCommonFingerprints = false
  /// What the common labels add to the fingerprint of each series, and their names as bits.
  var common = Fingerprint.none
  var commonNames = StringFingerprints.doubtful

  /// - Parameter seed: Equal seeds give series equal fingerprints.
  package init(_ seed: KeyStream) {
    fingerprints = StringFingerprints(seed)
  }

  /// Whether a frame of the protocol begins at `start`, and not text.
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
    var cursor = ByteCursor(bytes, from: start, to: end)
    guard cursor.byte() == PushFormat.magic.0, cursor.byte() == PushFormat.magic.1 else {
      throw cursor.hasFailed ? .truncated : .unknownVersion
    }
    let version = cursor.byte()
    if cursor.hasFailed { throw .truncated }
    guard version == PushFormat.version else { throw .unknownVersion }
    let flags = PushFormat.Flags(rawValue: cursor.byte())
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
      cursor = ByteCursor(bytes, from: cursor.index, to: header.bodyEnd)
      header.key = try readKey(&cursor)
    }
    try readInstance(&cursor, into: &header)
    header.bodyStart = cursor.index
    frame.header = header
  }

  private func readKey(
    _ cursor: inout ByteCursor
  ) throws(PushRefusal) -> PushRange {
    let length = Int(cursor.byte())
    guard (1...PushFormat.keyIDBytesMax).contains(length) else { throw .badHeader }
    let start = cursor.skip(length)
    if cursor.hasFailed { throw .truncated }
    return PushRange(first: start, count: length)
  }

  private func readInstance(
    _ cursor: inout ByteCursor, into header: inout PushHeader
  ) throws(PushRefusal) {
    let number = cursor.word()
    let start = cursor.varint()
    header.sequence = cursor.varint()
    header.ageMilliseconds = cursor.varint()
    if cursor.hasFailed { throw .truncated }
    guard header.sequence > 0, start <= PushDecoder.timeMax,
      header.ageMilliseconds <= PushDecoder.timeMax - start
    else { throw .badHeader }
    header.instance = InstanceID(number: number, startMilliseconds: start)
  }

  /// Reads what follows the header that `readHeader` has put into `frame`. Invalid records are
  /// refused one by one, in the frame.
  ///
  /// - Precondition: `bytes` are those that the header was read from.
  /// - Throws: `truncated`, `badString` or `badBounds`; the frame's records must then not be used.
  /// - Complexity: O(bytes).
  package mutating func readBody(
    _ bytes: Span<UInt8>, into frame: inout PushFrame
  ) throws(PushRefusal) {
    var cursor = ByteCursor(bytes, from: frame.header.bodyStart, to: frame.header.bodyEnd)
    try readStrings(&cursor, into: &frame)
    let areKnown = readCommon(&cursor, into: &frame)
    if cursor.hasFailed { throw .truncated }
    guard areKnown else { throw .badString }
    try readBounds(&cursor, into: &frame)
    readClock(&cursor, into: &frame)
    readForwarder(&cursor, into: &frame)
    while cursor.remaining > 0 { readRecord(&cursor, into: &frame) }
  }

  private mutating func readStrings(
    _ cursor: inout ByteCursor, into frame: inout PushFrame
  ) throws(PushRefusal) {
    let count = cursor.count()
    let start = cursor.index
    fingerprints.removeAll()
    for _ in 0..<count {
      let length = cursor.count()
      let start = cursor.skip(length)
      if cursor.hasFailed { throw .truncated }
      frame.strings.append(PushFrame.Text(start: start, length: length))
      fingerprints.append(cursor.bytes, from: start, length: length)
    }
    if cursor.hasFailed { throw .truncated }
    // Nearly always all of it is ASCII, which one pass over all strings shows.
    if cursor.bytes.isASCII(from: start, to: cursor.index) { return }
    for index in frame.strings.indices {
      let text = frame.strings[index].range
      guard cursor.bytes.isUTF8(from: text.lowerBound, to: text.upperBound) else {
        throw .badString
      }
    }
  }

  private func readBounds(
    _ cursor: inout ByteCursor, into frame: inout PushFrame
  ) throws(PushRefusal) {
    let lists = cursor.count()
    var isAscending = true
    for _ in 0..<lists {
      let count = cursor.count()
      let first = frame.bounds.count
      var last = -Double.infinity
      isAscending = isAscending && count <= PushFormat.boundsMax
      for _ in 0..<count {
        let bound = cursor.number()
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

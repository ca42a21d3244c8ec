import WeirBytes
import WeirMetrics

/// Reads pushed frames (docs/protocol.md): first the header, which tells by whom a frame says that it
/// was signed, and then the rest.
///
/// It makes nothing: all goes into the lists of a `PushFrame`, which grow with the bytes that have been
/// read and never with a length that was only declared. The fingerprint of each series is made on the way,
/// when its labels are read anyway.
package struct PushDecoder: ~Copyable {
  /// Milliseconds from 1970 to the end of the year 9999: no time is later.
  static let timeMax: UInt64 = 253_402_300_799_999

  var fingerprints: StringFingerprints
  /// For records whose labels need a closer look.
  private var labelFingerprints = LabelFingerprints()
  /// The same of the common labels, made when a record of the frame first needs it.
  private var commonFingerprints = LabelFingerprints()
  private var hasCommonFingerprints = false
  /// What the frame's common labels add to the fingerprint of each series, and their names as bits.
  var common = Fingerprint.none
  var commonNames = StringFingerprints.doubtful

  /// - Parameter seed: Equal seeds give series equal fingerprints.
  package init(_ seed: KeyStream) {
    fingerprints = StringFingerprints(seed)
  }

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

  /// Reads what follows the header that `readHeader` has put into `frame`. Records that can't be meant
  /// are refused in the frame.
  ///
  /// - Throws: `truncated`, `badString` or `badBounds`; the frame's records are then of no use.
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
    // Nearly always all of it is ASCII, which is seen at one go.
    if cursor.bytes.isASCII(from: start, to: cursor.index) { return }
    for index in frame.strings.indices {
      let text = frame.strings[index].range
      guard cursor.bytes.isUTF8(from: text.lowerBound, to: text.upperBound) else {
        throw .badString
      }
    }
  }

  /// Reads the common labels.
  ///
  /// - Returns: Whether all of them point to strings, and no more of them hold than a series may have.
  private mutating func readCommon(
    _ cursor: inout ByteCursor, into frame: inout PushFrame
  ) -> Bool {
    hasCommonFingerprints = false
    common = .none
    commonNames = StringFingerprints.doubtful
    var arePlain = true
    for _ in 0..<cursor.count(bytesEach: 2) {
      let (name, value) = (cursor.varint(), cursor.varint())
      let strings = UInt64(frame.strings.count)
      guard name < strings, value < strings else { return false }
      frame.common.append(PushFrame.Label(name: UInt32(name), value: UInt32(value)))
      let isPlain = fingerprints.addPlainLabel(
        name: Int(name), value: Int(value), seen: &commonNames, to: &common)
      arePlain = arePlain && isPlain
    }
    if !arePlain { keepHolding(&frame) }
    return frame.common.count <= PushFormat.commonLabelsMax
  }

  /// Leaves those common labels that hold, once for all records.
  private mutating func keepHolding(_ frame: inout PushFrame) {
    readCommonFingerprints(frame)
    commonFingerprints.keepWhole(fingerprints)
    frame.common.removeAll()
    common = .none
    for label in commonFingerprints.labels {
      frame.common.append(PushFrame.Label(name: UInt32(label.name), value: UInt32(label.value)))
      fingerprints.addLabel(name: label.name, value: label.value, to: &common)
    }
    hasCommonFingerprints = false
    // Every record then looks at them for itself.
    commonNames = .max
  }

  private mutating func readCommonFingerprints(_ frame: borrowing PushFrame) {
    commonFingerprints.removeAll()
    for index in frame.common.indices {
      let label = frame.common[index]
      commonFingerprints.add(name: Int(label.name), value: Int(label.value), fingerprints)
    }
    commonFingerprints.keepLast()
    hasCommonFingerprints = true
  }

  /// The fingerprint of a record's labels and the frame's common ones, those counted out that do not hold.
  ///
  /// - Complexity: O(n log m) for n labels of the record and m common ones.
  mutating func exactFingerprint(
    _ labels: PushRange, _ frame: borrowing PushFrame, _ bytes: Span<UInt8>
  ) -> Fingerprint {
    if !hasCommonFingerprints { readCommonFingerprints(frame) }
    labelFingerprints.removeAll()
    // They were checked when they were read first.
    var cursor = ByteCursor(bytes, from: Int(labels.first), to: bytes.count)
    for _ in 0..<labels.count {
      let name = Int(truncatingIfNeeded: cursor.varint())
      let value = Int(truncatingIfNeeded: cursor.varint())
      labelFingerprints.add(name: name, value: value, fingerprints)
    }
    labelFingerprints.keepLast()
    var fingerprint = common
    for label in labelFingerprints.labels {
      if let other = commonFingerprints.find(fingerprints.fingerprint(of: label.name)) {
        fingerprints.removeLabel(name: other.name, value: other.value, from: &fingerprint)
      }
      if fingerprints.isWhole(label) {
        fingerprints.addLabel(name: label.name, value: label.value, to: &fingerprint)
      }
    }
    return fingerprint
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

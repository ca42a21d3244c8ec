/// Reads the UDP datagrams of a pcap file, whose bytes come in pieces of any size.
///
/// ```
/// append(bytes) ──▶ buffer: at most one packet, and what was appended ──▶ next() ──▶ datagram
/// ```
///
/// Files of both byte orders, in microseconds and nanoseconds, of every `LinkType`. Packets that are no
/// datagrams are skipped and counted. Any bytes may come: each length is compared with what there is.
package struct CaptureReader: Sendable {
  private var buffer: [UInt8] = []
  /// Where the next record begins in the buffer.
  private var position = 0
  /// Bytes of the file that are no longer in the buffer.
  private var bytesGone = 0
  private var isBigEndian = false
  private var hasHead = false

  /// What stands in front of the packets; nil before the head is read.
  package private(set) var link: LinkType?
  /// Whether times are in nanoseconds, and not in microseconds.
  package private(set) var isNanoseconds = false
  /// Records so far.
  package private(set) var packets = 0
  package private(set) var skipped = SkipCounts()

  package init() {}

  /// Adds the next bytes of the file. Call `next` until it is nil before more are added, so that the buffer
  /// stays small.
  package mutating func append(_ bytes: ArraySlice<UInt8>) {
    if position > 0 {
      buffer.removeFirst(position)
      bytesGone += position
      position = 0
    }
    buffer += bytes
  }

  /// The next datagram; nil if more bytes are needed.
  ///
  /// - Throws: `CaptureError`, after which there is nothing more to read.
  package mutating func next() throws(CaptureError) -> CapturedDatagram? {
    guard try readHead(), let link else { return nil }
    while true {
      guard buffer.count - position >= CaptureFormat.recordHeadBytes else { return nil }
      let seconds = number(at: position)
      let fraction = number(at: position + 4)
      let length = Int(number(at: position + 8))
      let lengthSent = Int(number(at: position + 12))
      guard length <= CaptureFormat.packetBytesMax else {
        throw .damaged(offset: bytesGone + position)
      }
      let start = position + CaptureFormat.recordHeadBytes
      guard buffer.count - start >= length else { return nil }
      position = start + length
      packets += 1
      // Below 2³² seconds, so nothing overflows.
      let nanoseconds =
        Int64(seconds) * 1_000_000_000 + Int64(fraction) * (isNanoseconds ? 1 : 1_000)
      do throws(SkipFailure) {
        let skip = try LinkHead.length(of: ByteView(buffer.span, start..<position), link)
        return try IPPacket.datagram(
          in: buffer.span, start + min(skip, length)..<position, isWhole: length >= lengthSent,
          nanoseconds: nanoseconds)
      } catch {
        skipped[error.reason] += 1
      }
    }
  }

  /// Whether the file ends here without a packet that is cut in the middle.
  ///
  /// - Throws: `.notCapture` if not even the head was there.
  package func finish() throws(CaptureError) -> Bool {
    guard hasHead else { throw .notCapture }
    return buffer.count == position
  }

  /// - Returns: Whether the head is there.
  private mutating func readHead() throws(CaptureError) -> Bool {
    if hasHead { return true }
    guard buffer.count >= 4 else { return false }
    switch number(at: 0) {
    case CaptureFormat.microsecondMagic: break
    case CaptureFormat.nanosecondMagic: isNanoseconds = true
    case CaptureFormat.microsecondMagic.byteSwapped: isBigEndian = true
    case CaptureFormat.nanosecondMagic.byteSwapped: (isBigEndian, isNanoseconds) = (true, true)
    case CaptureFormat.pcapngMagic: throw .pcapng
    case let other where other & 0xffff == 0x8b1f: throw .compressed
    default: throw .notCapture
    }
    guard buffer.count >= CaptureFormat.headBytes else {
      // It is read again with more bytes.
      (isBigEndian, isNanoseconds) = (false, false)
      return false
    }
    let field = number(at: 20)
    guard let found = LinkType(field: field) else { throw .linkType(field & 0xffff) }
    link = found
    hasHead = true
    position = CaptureFormat.headBytes
    return true
  }

  /// - Precondition: Four bytes are in the buffer there.
  private func number(at offset: Int) -> UInt32 {
    var number: UInt32 = 0
    for index in 0..<4 { number |= UInt32(buffer[offset + index]) << UInt32(8 * index) }
    return isBigEndian ? number.byteSwapped : number
  }
}

/// Reads a UDP datagram out of an IP packet.
///
/// ```
/// IPv4   head 20 to 60 ………………………… | UDP head 8 | payload | padding of Ethernet
/// IPv6   head 40 | extension heads | UDP head 8 | payload | padding of Ethernet
/// ```
///
/// Check sums are ignored. A capture on the sending machine does not contain them, because the network card
/// computes them later.
package enum IPPacket {
  /// The extension heads of IPv6 that may come before UDP: hop-by-hop options, routing, destination options.
  /// Their second byte is their length.
  private static let extensions: [UInt8] = [0, 43, 60]
  /// The extension head of a fragment of IPv6.
  private static let fragmentHead: UInt8 = 44
  private static let fragmentHeadBytes = 8
  /// The most extension heads. Only a hostile packet has more.
  private static let extensionsMax = 8

  /// The datagram in a packet that was captured at a time.
  ///
  /// - Parameters:
  ///   - bytes: Contains the packet at `range`.
  ///   - isWhole: Whether the range has all bytes that were sent.
  /// - Throws: `SkipFailure` with the reason why there is none.
  /// - Complexity: O(payload).
  package static func datagram(
    in bytes: Span<UInt8>, _ range: Range<Int>, isWhole: Bool, nanoseconds: Int64
  ) throws(SkipFailure) -> CapturedDatagram {
    let packet = ByteView(bytes, range)
    guard let first = packet.byte(0) else { throw missing(isWhole) }
    switch first >> 4 {
    case 4: return try ipv4(packet, headBytes: Int(first & 0xf) * 4, isWhole, nanoseconds)
    case 6: return try ipv6(packet, isWhole, nanoseconds)
    default: throw SkipFailure(.otherProtocol)
    }
  }

  /// Why bytes are missing: the capture has cut them off, or a length in the packet is wrong.
  private static func missing(_ isWhole: Bool) -> SkipFailure {
    SkipFailure(isWhole ? .malformed : .cut)
  }

  private static func ipv4(
    _ packet: borrowing ByteView, headBytes: Int, _ isWhole: Bool, _ nanoseconds: Int64
  ) throws(SkipFailure) -> CapturedDatagram {
    guard let total = packet.number16(2), let fragment = packet.number16(6),
      let number = packet.byte(9), let source = packet.number32(12),
      let destination = packet.number32(16)
    else { throw missing(isWhole) }
    guard number == CaptureFormat.udp else { throw SkipFailure(.otherProtocol) }
    // The offset of this piece, and whether more follow.
    guard fragment & 0x3fff == 0 else { throw SkipFailure(.fragment) }
    guard headBytes >= CaptureFormat.ipv4HeadBytes, Int(total) >= headBytes else {
      throw SkipFailure(.malformed)
    }
    return try udp(
      packet, at: headBytes, room: Int(total) - headBytes, isWhole, nanoseconds
    ) { port, isSource in
      CaptureAddress(family: .ipv4, low: UInt64(isSource ? source : destination), port: port)
    }
  }

  private static func ipv6(
    _ packet: borrowing ByteView, _ isWhole: Bool, _ nanoseconds: Int64
  ) throws(SkipFailure) -> CapturedDatagram {
    guard let length = packet.number16(4), var number = packet.byte(6),
      let sourceHigh = packet.number64(8), let sourceLow = packet.number64(16),
      let destinationHigh = packet.number64(24), let destinationLow = packet.number64(32)
    else { throw missing(isWhole) }
    var offset = CaptureFormat.ipv6HeadBytes
    for _ in 0..<extensionsMax where extensions.contains(number) {
      guard let next = packet.byte(offset), let words = packet.byte(offset + 1) else {
        throw missing(isWhole)
      }
      number = next
      offset += 8 + Int(words) * 8
    }
    if number == fragmentHead {
      guard let next = packet.byte(offset), let place = packet.number16(offset + 2) else {
        throw missing(isWhole)
      }
      guard next == CaptureFormat.udp else { throw SkipFailure(.otherProtocol) }
      // A fragment that is a whole packet has offset 0, and no fragment follows it.
      guard place & 0xfff9 == 0 else { throw SkipFailure(.fragment) }
      number = next
      offset += fragmentHeadBytes
    }
    guard number == CaptureFormat.udp else { throw SkipFailure(.otherProtocol) }
    let room = CaptureFormat.ipv6HeadBytes + Int(length) - offset
    guard room >= 0 else { throw SkipFailure(.malformed) }
    return try udp(packet, at: offset, room: room, isWhole, nanoseconds) { port, isSource in
      CaptureAddress(
        family: .ipv6, high: isSource ? sourceHigh : destinationHigh,
        low: isSource ? sourceLow : destinationLow, port: port)
    }
  }

  /// - Parameter room: The bytes that IP has for UDP's head and payload.
  private static func udp(
    _ packet: borrowing ByteView, at offset: Int, room: Int, _ isWhole: Bool,
    _ nanoseconds: Int64, _ address: (_ port: UInt16, _ isSource: Bool) -> CaptureAddress
  ) throws(SkipFailure) -> CapturedDatagram {
    guard room >= CaptureFormat.udpHeadBytes else { throw SkipFailure(.malformed) }
    guard let source = packet.number16(offset), let destination = packet.number16(offset + 2),
      let length = packet.number16(offset + 4)
    else { throw missing(isWhole) }
    guard Int(length) >= CaptureFormat.udpHeadBytes, Int(length) <= room else {
      throw SkipFailure(.malformed)
    }
    guard let payload = packet.copy(offset + CaptureFormat.udpHeadBytes..<offset + Int(length))
    else { throw missing(isWhole) }
    return CapturedDatagram(
      nanoseconds: nanoseconds, source: address(source, true),
      destination: address(destination, false), payload: payload)
  }
}

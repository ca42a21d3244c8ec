/// Finds the IP packet in a frame, after the link-layer header.
enum LinkHead {
  private static let ipv4Type: UInt16 = 0x0800
  private static let ipv6Type: UInt16 = 0x86dd
  /// The types of VLAN tags. Each is followed by the tag's number and the next type.
  private static let tagTypes: [UInt16] = [0x8100, 0x88a8, 0x9100]
  /// More VLAN tags than real networks use: they have two at most.
  private static let tagsMax = 4
  /// Address families of IPv4, and of IPv6 on Linux, the BSDs and macOS.
  private static let families: [UInt32] = [2, 10, 24, 28, 30]

  /// The number of bytes before the IP packet.
  ///
  /// - Throws: `.otherProtocol` if the frame has none, `.cut` if the frame ends before it.
  static func length(
    of frame: borrowing ByteView, _ link: LinkType
  ) throws(SkipFailure) -> Int {
    switch link {
    case .raw, .ipv4, .ipv6: return 0
    case .ethernet: return try typed(frame, at: 12)
    case .cooked: return try typed(frame, at: 14)
    case .cooked2:
      // In this header, the type comes first.
      guard let type = frame.number16(0), frame.count >= 20 else { throw SkipFailure(.cut) }
      return try packet(frame, type, at: 20)
    case .null, .loop:
      guard let family = frame.number32(0) else { throw SkipFailure(.cut) }
      guard families.contains(family) || families.contains(family.byteSwapped) else {
        throw SkipFailure(.otherProtocol)
      }
      return 4
    }
  }

  private static func typed(
    _ frame: borrowing ByteView, at offset: Int
  ) throws(SkipFailure) -> Int {
    guard let type = frame.number16(offset) else { throw SkipFailure(.cut) }
    return try packet(frame, type, at: offset + 2)
  }

  /// The number of bytes before the packet, with any VLAN tags.
  private static func packet(
    _ frame: borrowing ByteView, _ type: UInt16, at offset: Int
  ) throws(SkipFailure) -> Int {
    var (type, offset) = (type, offset)
    for _ in 0...tagsMax {
      if type == ipv4Type || type == ipv6Type { return offset }
      guard tagTypes.contains(type) else { throw SkipFailure(.otherProtocol) }
      guard let next = frame.number16(offset + 2) else { throw SkipFailure(.cut) }
      type = next
      offset += 4
    }
    throw SkipFailure(.otherProtocol)
  }
}

/// Thrown when a packet is skipped.
package struct SkipFailure: Error, Equatable {
  package let reason: SkipReason

  init(_ reason: SkipReason) { self.reason = reason }
}

import WeirBytes

/// Writes a pcap file of raw IP packets with times in nanoseconds: what tcpdump and Wireshark call LINKTYPE_RAW.
package struct CaptureWriter: Sendable {
  /// The longest payload of a datagram over IPv4, and over IPv6.
  package static let payloadBytesMax4 = 65_507
  package static let payloadBytesMax6 = 65_527
  private static let hopLimit: UInt8 = 64

  private var writer = ByteWriter()

  /// A writer that begins with the head of a file.
  package init() {
    writer.append(littleEndian32: CaptureFormat.nanosecondMagic)
    // Version 2.4: two numbers of 16 bits.
    writer.append(littleEndian32: 4 << 16 | 2)
    writer.append(littleEndian32: 0)
    writer.append(littleEndian32: 0)
    writer.append(littleEndian32: UInt32(CaptureFormat.packetBytesMax))
    writer.append(littleEndian32: LinkType.raw.rawValue)
  }

  /// What was written and not taken.
  package var count: Int { writer.bytes.count }

  /// Takes out what was written.
  package mutating func take() -> [UInt8] {
    let bytes = writer.bytes
    writer.removeAll()
    return bytes
  }

  /// Which records are whole if only a part of what was taken has been written.
  ///
  /// - Parameters:
  ///   - bytes: What `take` gave, without the head of the file.
  ///   - end: How many of them were written.
  /// - Returns: The bytes of the records that are whole, and how many records are not.
  package static func wholeRecords(
    in bytes: [UInt8], upTo end: Int
  ) -> (bytes: Int, left: Int) {
    var (whole, left, position) = (0, 0, 0)
    while position + CaptureFormat.recordHeadBytes <= bytes.count {
      let length = (8..<12).reversed().reduce(0) { $0 << 8 | Int(bytes[position + $1]) }
      position += CaptureFormat.recordHeadBytes + length
      if position <= end { whole = position } else { left += 1 }
    }
    return (whole, left)
  }

  /// The bytes that a datagram takes in a file; nil if it can't be in one, because its payload is too long,
  /// its addresses have different families, or its time is not from 1970 to 2106.
  package static func bytes(of datagram: CapturedDatagram) -> Int? {
    let isIPv4 = datagram.destination.family == .ipv4
    guard datagram.source.family == datagram.destination.family,
      datagram.payload.count <= (isIPv4 ? payloadBytesMax4 : payloadBytesMax6),
      datagram.nanoseconds >= 0, datagram.nanoseconds / 1_000_000_000 <= Int64(UInt32.max)
    else { return nil }
    return CaptureFormat.recordHeadBytes
      + (isIPv4 ? CaptureFormat.ipv4HeadBytes : CaptureFormat.ipv6HeadBytes)
      + CaptureFormat.udpHeadBytes + datagram.payload.count
  }

  /// Appends a datagram as a packet with right check sums.
  ///
  /// - Returns: Whether it can be in a file: see `bytes(of:)`.
  /// - Complexity: O(payload).
  package mutating func append(_ datagram: CapturedDatagram) -> Bool {
    guard let bytes = CaptureWriter.bytes(of: datagram) else { return false }
    let length = UInt32(bytes - CaptureFormat.recordHeadBytes)
    writer.append(
      littleEndian32: UInt32(truncatingIfNeeded: datagram.nanoseconds / 1_000_000_000))
    writer.append(
      littleEndian32: UInt32(truncatingIfNeeded: datagram.nanoseconds % 1_000_000_000))
    writer.append(littleEndian32: length)
    writer.append(littleEndian32: length)
    switch datagram.destination.family {
    case .ipv4: appendIPv4Head(datagram)
    case .ipv6: appendIPv6Head(datagram)
    }
    appendUDP(datagram)
    return true
  }

  private mutating func appendIPv4Head(_ datagram: CapturedDatagram) {
    let length =
      CaptureFormat.ipv4HeadBytes + CaptureFormat.udpHeadBytes + datagram.payload.count
    var head = NetworkBytes()
    head.append16(0x4500)
    head.append16(UInt16(length))
    // No number, and not to be divided.
    head.append16(0)
    head.append16(0x4000)
    head.append16(UInt16(CaptureWriter.hopLimit) << 8 | UInt16(CaptureFormat.udp))
    let checkPlace = head.bytes.count
    head.append16(0)
    head.append32(UInt32(datagram.source.low))
    head.append32(UInt32(datagram.destination.low))
    var sum = InternetChecksum()
    sum.add(head.bytes)
    head.replace16(at: checkPlace, sum.value)
    writer.append(head.bytes)
  }

  private mutating func appendIPv6Head(_ datagram: CapturedDatagram) {
    var head = NetworkBytes()
    head.append32(0x6000_0000)
    head.append16(UInt16(CaptureFormat.udpHeadBytes + datagram.payload.count))
    head.append16(UInt16(CaptureFormat.udp) << 8 | UInt16(CaptureWriter.hopLimit))
    head.append(datagram.source)
    head.append(datagram.destination)
    writer.append(head.bytes)
  }

  private mutating func appendUDP(_ datagram: CapturedDatagram) {
    let length = UInt16(CaptureFormat.udpHeadBytes + datagram.payload.count)
    // What the check sum covers besides the datagram itself.
    var pseudo = NetworkBytes()
    pseudo.append(datagram.source)
    pseudo.append(datagram.destination)
    pseudo.append16(length)
    pseudo.append16(UInt16(CaptureFormat.udp))
    var head = NetworkBytes()
    head.append16(datagram.source.port)
    head.append16(datagram.destination.port)
    head.append16(length)
    var sum = InternetChecksum()
    sum.add(pseudo.bytes)
    sum.add(head.bytes)
    sum.add(datagram.payload)
    // 0 would mean that there is no check sum.
    head.append16(sum.value == 0 ? 0xffff : sum.value)
    writer.append(head.bytes)
    writer.append(datagram.payload)
  }
}

/// Constants of the file format pcap, as libpcap writes it.
///
/// ```
/// file     magic 4 | version 2+2 | zone 4 | precision 4 | snap length 4 | link type 4
/// record   seconds 4 | fraction 4 | bytes in the file 4 | bytes of the packet 4 | packet
/// ```
package enum CaptureFormat {
  /// The first four bytes of a file. They also show its byte order.
  static let microsecondMagic: UInt32 = 0xa1b2_c3d4
  static let nanosecondMagic: UInt32 = 0xa1b2_3c4d
  /// The type of the first block of pcapng, the same in both byte orders.
  static let pcapngMagic: UInt32 = 0x0a0d_0d0a

  package static let headBytes = 24
  package static let recordHeadBytes = 16

  /// The longest packet of a record, in bytes: tcpdump's default. A greater length means that the file is
  /// damaged.
  package static let packetBytesMax = 262_144

  /// UDP's protocol number.
  static let udp: UInt8 = 17
  static let udpHeadBytes = 8
  static let ipv4HeadBytes = 20
  static let ipv6HeadBytes = 40
}

/// The kind of header before each IP packet of a file.
package enum LinkType: UInt32, CaseIterable, Sendable {
  /// Loopback of BSD: an address family in the byte order of the machine that captured.
  case null = 0
  case ethernet = 1
  /// No header: the first four bits of the packet are the version of IP.
  case raw = 101
  /// Loopback of OpenBSD: an address family in network order.
  case loop = 108
  /// Linux "cooked" version 1: the header of a capture on all interfaces.
  case cooked = 113
  case ipv4 = 228
  case ipv6 = 229
  /// Linux "cooked" version 2.
  case cooked2 = 276

  /// The name that `--dry-run` prints.
  package var name: String {
    switch self {
    case .null, .loop: "BSD loopback"
    case .ethernet: "Ethernet"
    case .raw: "raw IP"
    case .cooked: "Linux cooked v1"
    case .ipv4: "raw IPv4"
    case .ipv6: "raw IPv6"
    case .cooked2: "Linux cooked v2"
    }
  }

  /// - Parameter number: The field in the file. Its upper 16 bits describe check sums of frames, and are ignored.
  init?(field number: UInt32) {
    switch number & 0xffff {
    // Some systems have other numbers for raw IP.
    case 12, 14: self = .raw
    case let number: self.init(rawValue: number)
    }
  }
}

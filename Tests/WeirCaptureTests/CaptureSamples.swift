import TestSupport

@testable import WeirCapture

/// Files for tests, made byte by byte and not by `CaptureWriter`.
enum CaptureSamples {
  /// A file of frames, each with its seconds and fraction.
  static func file(
    link: UInt32, isBigEndian: Bool = false, isNanoseconds: Bool = false,
    _ frames: [(seconds: UInt32, fraction: UInt32, bytes: [UInt8])], cutTo length: Int? = nil
  ) -> [UInt8] {
    func number(_ value: UInt32) -> [UInt8] {
      let bytes = (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
      return isBigEndian ? bytes.reversed() : bytes
    }
    let version: [UInt8] = isBigEndian ? [0, 2, 0, 4] : [2, 0, 4, 0]
    var file = number(isNanoseconds ? 0xa1b2_3c4d : 0xa1b2_c3d4) + version
    file += number(0) + number(0) + number(262_144) + number(link)
    for frame in frames {
      let kept = frame.bytes.prefix(length ?? frame.bytes.count)
      file += number(frame.seconds) + number(frame.fraction)
      file += number(UInt32(kept.count)) + number(UInt32(frame.bytes.count)) + kept
    }
    return file
  }

  static func big16(_ value: Int) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 255)] }

  static func udp(_ payload: [UInt8], length: Int? = nil, from: Int = 40_000, to: Int = 8_125)
    -> [UInt8]
  {
    big16(from) + big16(to) + big16(length ?? 8 + payload.count) + [0, 0] + payload
  }

  /// An IPv4 packet from 10.0.0.7 to 10.0.0.1.
  static func ipv4(
    _ body: [UInt8], options: [UInt8] = [], fragment: Int = 0, number: UInt8 = 17,
    total: Int? = nil
  ) -> [UInt8] {
    let head = 20 + options.count
    return [0x40 | UInt8(head / 4), 0] + big16(total ?? head + body.count) + [0, 1]
      + big16(fragment) + [64, number, 0, 0, 10, 0, 0, 7, 10, 0, 0, 1] + options + body
  }

  /// An IPv6 packet from fd00::7 to fd00::1.
  static func ipv6(_ body: [UInt8], number: UInt8 = 17, length: Int? = nil) -> [UInt8] {
    let address: [UInt8] = [0xfd] + [UInt8](repeating: 0, count: 14)
    return [0x60, 0, 0, 0] + big16(length ?? body.count) + [number, 64] + address + [7] + address
      + [1] + body
  }

  static let ethernet4 = [UInt8](repeating: 2, count: 12) + [0x08, 0x00]
  static let ethernet6 = [UInt8](repeating: 2, count: 12) + [0x86, 0xdd]

  /// Reads a file in pieces.
  static func read(
    _ file: [UInt8], pieces: Int = .max
  ) throws -> (datagrams: [CapturedDatagram], reader: CaptureReader) {
    var reader = CaptureReader()
    var datagrams: [CapturedDatagram] = []
    var rest = file[...]
    while !rest.isEmpty {
      reader.append(rest.prefix(pieces))
      rest = rest.dropFirst(pieces)
      while let datagram = try reader.next() { datagrams.append(datagram) }
    }
    return (datagrams, reader)
  }

  /// A file with something of every kind.
  static func mixed(link: LinkType) -> [UInt8] {
    let head: [UInt8] =
      switch link {
      case .ethernet: ethernet4
      case .null: [2, 0, 0, 0]
      case .loop: [0, 0, 0, 2]
      case .cooked: [UInt8](repeating: 0, count: 14) + [8, 0]
      case .cooked2: [8, 0] + [UInt8](repeating: 0, count: 18)
      case .raw, .ipv4, .ipv6: []
      }
    let packets = [
      ipv4(udp(Array("a:1|c".utf8))), ipv4(udp(Array("b:2|c|T1".utf8)), options: [1, 1, 1, 0]),
      ipv4(udp([1, 2, 3]), fragment: 0x2000), ipv4([1, 2, 3, 4], number: 6),
      ipv6(udp(Array("c:3|c".utf8))),
      ipv6([17, 0] + [UInt8](repeating: 0, count: 6) + udp([9]), number: 60),
    ]
    return file(
      link: link.rawValue,
      packets.enumerated().map { (UInt32(1_000 + $0.offset), 5, head + $0.element) })
  }
}

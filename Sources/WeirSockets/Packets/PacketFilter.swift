import CLinux
import Glibc

/// A program for the kernel that lets only some packets through to a socket (socket filter, classic BPF).
///
/// ```
/// IPv4   UDP? ─▶ first or only fragment? ─▶ destination port one of these? ─▶ whole packet
/// IPv6   UDP? ─▶ ……………………………………………………… ─▶ destination port one of these? ─▶ whole packet
///        fragment head before UDP? ─▶ first? ─▶ the same
///        other extension heads? ─▶ whole packet, for the reader to look at
/// ```
package enum PacketFilter {
  /// More listeners than a Weir can have addresses. Jumps of the program must reach over them.
  package static let portsMax = 64

  private static let udp: UInt32 = 17
  private static let fragmentHead: UInt32 = 44
  /// Hop-by-hop options, routing, destination options.
  private static let extensions: [UInt32] = [0, 43, 60]
  /// More than the bytes of any packet.
  private static let whole: UInt32 = 262_144

  private static let loadByte = UInt16(BPF_LD | BPF_B | BPF_ABS)
  private static let loadHalf = UInt16(BPF_LD | BPF_H | BPF_ABS)
  private static let loadHalfBehindHead = UInt16(BPF_LD | BPF_H | BPF_IND)
  private static let loadHeadLength = UInt16(BPF_LDX | BPF_B | BPF_MSH)
  private static let jumpIfEqual = UInt16(BPF_JMP | BPF_JEQ | BPF_K)
  private static let jumpIfSet = UInt16(BPF_JMP | BPF_JSET | BPF_K)
  private static let returnNumber = UInt16(BPF_RET | BPF_K)

  /// The program for packets that begin with their IP head.
  ///
  /// - Precondition: There are 1 to `portsMax` ports.
  static func program(
    _ family: SocketAddress.Family, ports: [UInt16]
  ) -> [sock_filter] {
    precondition(1...portsMax ~= ports.count, "1 to \(portsMax) ports")
    switch family {
    case .ipv4:
      return [
        sock_filter(code: loadByte, jt: 0, jf: 0, k: 9),
        sock_filter(code: jumpIfEqual, jt: 1, jf: 0, k: udp), drop,
        // Only the first fragment has the ports.
        sock_filter(code: loadHalf, jt: 0, jf: 0, k: 6),
        sock_filter(code: jumpIfSet, jt: 0, jf: 1, k: 0x1fff), drop,
        sock_filter(code: loadHeadLength, jt: 0, jf: 0, k: 0),
        sock_filter(code: loadHalfBehindHead, jt: 0, jf: 0, k: 2),
      ] + comparison(with: ports)
    case .ipv6:
      let direct = [sock_filter(code: loadHalf, jt: 0, jf: 0, k: 42)] + comparison(with: ports)
      let fragment =
        [
          sock_filter(code: loadByte, jt: 0, jf: 0, k: 40),
          sock_filter(code: jumpIfEqual, jt: 1, jf: 0, k: udp), drop,
          sock_filter(code: loadHalf, jt: 0, jf: 0, k: 42),
          sock_filter(code: jumpIfSet, jt: 0, jf: 1, k: 0xfff8), drop,
          sock_filter(code: loadHalf, jt: 0, jf: 0, k: 50),
        ] + comparison(with: ports)
      var program = [sock_filter(code: loadByte, jt: 0, jf: 0, k: 6)]
      for head in extensions {
        program += [sock_filter(code: jumpIfEqual, jt: 0, jf: 1, k: head), accept]
      }
      program.append(
        sock_filter(code: jumpIfEqual, jt: 0, jf: UInt8(direct.count), k: udp))
      program += direct
      program += [sock_filter(code: jumpIfEqual, jt: 1, jf: 0, k: fragmentHead), drop]
      return program + fragment
    }
  }

  private static var drop: sock_filter { sock_filter(code: returnNumber, jt: 0, jf: 0, k: 0) }
  private static var accept: sock_filter {
    sock_filter(code: returnNumber, jt: 0, jf: 0, k: whole)
  }

  /// Lets a packet through if the number that was loaded is one of these.
  private static func comparison(with ports: [UInt16]) -> [sock_filter] {
    var program: [sock_filter] = []
    for port in ports {
      program += [
        sock_filter(code: jumpIfEqual, jt: 0, jf: 1, k: UInt32(port)), accept,
      ]
    }
    return program + [drop]
  }
}

import CLinux
import Testing

@testable import WeirSockets

@Suite struct PacketFilterTests {
  /// Runs a program as the kernel does: the bytes that it lets through, 0 for none. A load outside of the packet
  /// ends it with 0.
  private func run(_ program: [sock_filter], _ packet: [UInt8]) -> UInt32 {
    var (accumulator, index, counter) = (UInt32(0), 0, 0)
    while counter < program.count {
      let step = program[counter]
      counter += 1
      func load(_ offset: Int, _ bytes: Int) -> UInt32? {
        guard offset + bytes <= packet.count else { return nil }
        return packet[offset..<offset + bytes].reduce(0) { $0 << 8 | UInt32($1) }
      }
      switch Int32(step.code) {
      case BPF_LD | BPF_B | BPF_ABS:
        guard let value = load(Int(step.k), 1) else { return 0 }
        accumulator = value
      case BPF_LD | BPF_H | BPF_ABS:
        guard let value = load(Int(step.k), 2) else { return 0 }
        accumulator = value
      case BPF_LD | BPF_H | BPF_IND:
        guard let value = load(index + Int(step.k), 2) else { return 0 }
        accumulator = value
      case BPF_LDX | BPF_B | BPF_MSH:
        guard let value = load(Int(step.k), 1) else { return 0 }
        index = Int(value & 0xf) * 4
      case BPF_JMP | BPF_JEQ | BPF_K:
        counter += Int(accumulator == step.k ? step.jt : step.jf)
      case BPF_JMP | BPF_JSET | BPF_K:
        counter += Int(accumulator & step.k != 0 ? step.jt : step.jf)
      case BPF_RET | BPF_K: return step.k
      default: Issue.record("unknown instruction \(step.code)")
      }
    }
    Issue.record("the program has no end")
    return 0
  }

  private func udp(to port: Int) -> [UInt8] {
    [0, 1, UInt8(port >> 8), UInt8(port & 255), 0, 9, 0, 0, 7]
  }

  private func ipv4(_ body: [UInt8], words: UInt8 = 5, fragment: Int = 0, number: UInt8 = 17)
    -> [UInt8]
  {
    [0x40 | words, 0, 0, 0, 0, 0, UInt8(fragment >> 8), UInt8(fragment & 255), 64, number]
      + [UInt8](repeating: 0, count: Int(words) * 4 - 10) + body
  }

  private func ipv6(_ body: [UInt8], number: UInt8 = 17) -> [UInt8] {
    [0x60, 0, 0, 0, 0, 0, number, 64] + [UInt8](repeating: 0, count: 32) + body
  }

  @Test(arguments: [1, 2, PacketFilter.portsMax])
  func `IPv4 lets through datagrams to these ports`(count: Int) {
    let ports = (0..<count).map { UInt16(8_125 + $0 * 300) }
    let program = PacketFilter.program(.ipv4, ports: ports)
    for port in ports {
      for words in UInt8(5)...15 {
        #expect(run(program, ipv4(udp(to: Int(port)), words: words)) > 65_535)
      }
      #expect(run(program, ipv4(udp(to: Int(port)), fragment: 0x4000)) > 65_535)
      #expect(run(program, ipv4(udp(to: Int(port)), fragment: 0x2000)) > 65_535)
      #expect(run(program, ipv4(udp(to: Int(port)), fragment: 1)) == 0)
      #expect(run(program, ipv4(udp(to: Int(port)), number: 6)) == 0)
      #expect(run(program, ipv4(udp(to: Int(port) + 1))) == 0)
    }
    #expect(run(program, ipv4([0, 1, 2])) == 0)
    #expect(run(program, []) == 0)
  }

  @Test(arguments: [1, 2, PacketFilter.portsMax])
  func `IPv6 lets through datagrams to these ports`(count: Int) {
    let ports = (0..<count).map { UInt16(8_125 + $0 * 300) }
    let program = PacketFilter.program(.ipv6, ports: ports)
    for port in ports {
      let body = udp(to: Int(port))
      #expect(run(program, ipv6(body)) > 65_535)
      #expect(run(program, ipv6(udp(to: Int(port) + 1))) == 0)
      #expect(run(program, ipv6(body, number: 6)) == 0)
      #expect(run(program, ipv6([17, 0, 0, 1, 0, 0, 0, 1] + body, number: 44)) > 65_535)
      #expect(run(program, ipv6([17, 0, 0, 8, 0, 0, 0, 1] + body, number: 44)) == 0)
      #expect(run(program, ipv6([6, 0, 0, 1, 0, 0, 0, 1] + body, number: 44)) == 0)
      #expect(
        run(program, ipv6([17, 0, 0, 1, 0, 0, 0, 1] + udp(to: Int(port) + 1), number: 44)) == 0)
    }
    for head: UInt8 in [0, 43, 60] { #expect(run(program, ipv6([17, 0], number: head)) > 65_535) }
    #expect(run(program, ipv6([], number: 58)) == 0)
  }
}

// Safety: open(2) gets a terminated string, and read(2) a buffer that the array keeps valid during the call, within
// its count.

import Glibc

/// What waits in the receive buffers of UDP sockets on this machine, as the kernel shows it in `/proc/net/udp` and
/// `/proc/net/udp6`. Anybody may read it, so that a sender can wait for a receiver of another process.
///
/// ```
///   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
///  123: 0100007F:1FBD 00000000:0000 07 00000000:00000300 00:00000000 00000000     0        0 12345 2   0…0     17
/// ```
package struct ReceiverQueue: Sendable {
  /// What one look has found.
  package struct State: Equatable, Sendable {
    /// Bytes of memory in the fullest of the buffers.
    package var bytes: Int
    /// Datagrams that found a buffer full, since the sockets were made.
    package var dropped: Int
  }

  /// More sockets than this file describes are not looked at.
  private static let fileBytesMax = 4 << 20

  private let port: UInt16
  /// Which of the files have a socket of this port.
  private let files: [String]
  /// Local addresses that receive what is sent there, as the kernel writes them.
  private let hosts: [[UInt8]]

  /// - Returns: Nil if the address is not one of this machine, or if no socket receives there.
  package init?(of address: SocketAddress) {
    guard ListenAddress.isOwn(address) else { return nil }
    port = address.port
    hosts = ReceiverQueue.hosts(address)
    var found: [String] = []
    for file in ["/proc/net/udp", "/proc/net/udp6"] {
      let text = ReceiverQueue.read(file)
      if ReceiverQueue.state(in: text, hosts, port) != nil { found.append(file) }
    }
    guard !found.isEmpty else { return nil }
    files = found
  }

  /// Looks at the buffers; nil if the sockets are gone.
  package func state() -> State? {
    var sum: State?
    for file in files {
      let text = ReceiverQueue.read(file)
      guard let state = ReceiverQueue.state(in: text, hosts, port) else { continue }
      sum = State(
        bytes: max(sum?.bytes ?? 0, state.bytes), dropped: (sum?.dropped ?? 0) + state.dropped)
    }
    return sum
  }

  /// The address, and those that stand for all addresses.
  static func hosts(_ address: SocketAddress) -> [[UInt8]] {
    let address = address.unmapped
    let zero = String(repeating: "0", count: 8)
    let all6 = String(repeating: zero, count: 4)
    guard address.family == .ipv4 else {
      let words = [address.high >> 32, address.high, address.low >> 32, address.low]
      let own = words.map { hexadecimal(UInt32(truncatingIfNeeded: $0)) }.joined()
      return [Array(own.utf8), Array(all6.utf8)]
    }
    let own = hexadecimal(UInt32(truncatingIfNeeded: address.low))
    let mapped = zero + zero + hexadecimal(0xffff) + own
    return [own, zero, mapped, all6].map { Array($0.utf8) }
  }

  /// A word in network order as the kernel prints it, which takes it as one of its own.
  private static func hexadecimal(_ word: UInt32) -> String {
    let text = String(word.bigEndian, radix: 16, uppercase: true)
    return String(repeating: "0", count: 8 - text.utf8.count) + text
  }

  /// Reads the lines of a file; nil if none is of these addresses and this port.
  static func state(in text: [UInt8], _ hosts: [[UInt8]], _ port: UInt16) -> State? {
    var sum: State?
    for line in text.split(separator: UInt8(ascii: "\n")).dropFirst() {
      let fields = line.split(separator: UInt8(ascii: " "))
      guard fields.count >= 13 else { continue }
      let local = fields[1].split(separator: UInt8(ascii: ":"))
      let queues = fields[4].split(separator: UInt8(ascii: ":"))
      guard local.count == 2, queues.count == 2, number(local[1], radix: 16) == Int(port),
        hosts.contains(Array(local[0])), let bytes = number(queues[1], radix: 16),
        let dropped = number(fields[12], radix: 10)
      else { continue }
      sum = State(bytes: max(sum?.bytes ?? 0, bytes), dropped: (sum?.dropped ?? 0) &+ dropped)
    }
    return sum
  }

  private static func number(_ digits: ArraySlice<UInt8>, radix: Int) -> Int? {
    Int(String(decoding: digits, as: UTF8.self), radix: radix)
  }

  private static func read(_ path: String) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 14)
    while bytes.count < fileBytesMax {
      let count = unsafe piece.withUnsafeMutableBytes {
        unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      bytes += piece[..<count]
    }
    return bytes
  }
}

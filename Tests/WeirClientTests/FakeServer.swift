import Glibc
import Synchronization
import WeirBytes
import WeirMetrics
import WeirPush
import WeirSockets

/// A server that receives frames, keeps the greatest totals of each instance, and answers frames
/// that request an answer.
final class FakeServer {
  struct Owner {
    var counters: [String: Double] = [:]
    var counts: [String: Double] = [:]
    var sums: [String: Double] = [:]
    /// The last received values.
    var gauges: [String: Double] = [:]
    var isFinal = false
  }

  let port: UInt16
  /// By the instance's number.
  private(set) var owners: [UInt64: Owner] = [:]
  /// Totals that decreased. Frames arrive in order over loopback.
  private(set) var falls: [String] = []
  /// The source port of each frame.
  private(set) var sources: [UInt16] = []
  private let raw: Int32
  private let dropsFinals: Int
  private var finals = 0

  /// - Parameters:
  ///   - dropsFinals: The number of frames requesting an answer that are dropped first.
  ///   - port: The port to listen on; 0 for any that is free.
  init(dropsFinals: Int = 0, port wanted: UInt16 = 0) throws {
    self.dropsFinals = dropsFinals
    let raw = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    self.raw = raw
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = wanted.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(raw, pointer, length) + getsockname(raw, pointer, &length)
      }
    }
    guard raw >= 0, status == 0 else { throw SystemError(.bind, code: errno) }
    port = UInt16(bigEndian: address.sin_port)
  }

  deinit { close(raw) }

  var address: String { "127.0.0.1:\(port)" }

  /// Receives frames until `isEnough` is true, or no datagram arrives for ten seconds.
  ///
  /// - Returns: Whether `isEnough` became true.
  func receive(until isEnough: (FakeServer) -> Bool) throws -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while !isEnough(self) {
      var entry = pollfd(fd: raw, events: Int16(POLLIN), revents: 0)
      guard poll(&entry, 1, 10_000) == 1 else { return false }
      var peer = sockaddr_in()
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      try withUnsafeMutablePointer(to: &peer) {
        try $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
          let count = recvfrom(raw, &buffer, buffer.count, 0, pointer, &length)
          guard count > 0 else { return }
          sources.append(
            UInt16(
              bigEndian: pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                $0.pointee.sin_port
              }))
          guard let answer = try take(Array(buffer[..<count])) else { return }
          sendto(raw, answer, answer.count, 0, pointer, length)
        }
      }
    }
    return true
  }

  private func take(_ bytes: [UInt8]) throws -> [UInt8]? {
    let frame = try ReadFrame(bytes)
    if frame.header.wantsAnswer {
      finals += 1
      if finals <= dropsFinals { return nil }
    }
    var owner = owners[frame.header.instance.number] ?? Owner()
    owner.gauges.merge(frame.gauges) { $1 }
    for (name, total) in frame.counters { raise(&owner.counters[name], to: total, name) }
    for (name, sum) in frame.sums {
      raise(&owner.sums[name], to: sum, name)
      raise(
        &owner.counts[name], to: frame.buckets[name]?.values.reduce(0, +) ?? 0, name)
    }
    owner.isFinal = owner.isFinal || frame.header.isFinal
    owners[frame.header.instance.number] = owner
    guard frame.header.wantsAnswer else { return nil }
    var answer = ByteWriter()
    for byte: UInt8 in [0xf7, 0x57, 1, 0x80] { answer.append(byte) }
    answer.append(littleEndian: frame.header.instance.number)
    answer.append(varint: frame.header.sequence)
    return answer.bytes
  }

  private func raise(_ known: inout Double?, to total: Double, _ name: String) {
    if let known, total < known { falls.append("\(name) fell from \(known) to \(total)") }
    known = max(known ?? 0, total)
  }
}

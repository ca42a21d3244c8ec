// Safety: connect and send get a local value that outlives the call, or a span that is borrowed for the call,
// with its size. A name is copied into `sun_path` only if it fits.

import CLinux
import Glibc

/// A non-blocking socket that is connected to where its datagrams go: to an address by UDP, or to a Unix
/// datagram socket.
package final class DatagramSender: Sendable {
  /// The longest path: `sun_path` has 108 bytes, and the last one is 0.
  package static let pathBytesMax = 107

  private let descriptor: FileDescriptor
  package let isUnix: Bool

  private init(_ descriptor: consuming FileDescriptor, isUnix: Bool) {
    self.descriptor = descriptor
    self.isUnix = isUnix
  }

  /// Connects to an address. Nothing is sent, so that it is unknown whether anybody receives there.
  package static func connect(to peer: SocketAddress) throws(SystemError) -> DatagramSender {
    let descriptor = try FileDescriptor.socket(family: peer.kernelFamily, type: SOCK_DGRAM)
    var storage = peer.storage
    let status = unsafe withUnsafeBytes(of: &storage) { bytes in
      unsafe Glibc.connect(
        descriptor.raw, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
        peer.kernelLength)
    }
    guard status == 0 else { throw .last(.connect) }
    return DatagramSender(descriptor, isUnix: false)
  }

  /// Connects to the socket at a path, or, with `@` before it, to one with an abstract name (unix(7)).
  ///
  /// - Throws: `SystemError`; ENOENT and ECONNREFUSED if nobody receives there, ENAMETOOLONG.
  package static func connect(toUnix name: String) throws(SystemError) -> DatagramSender {
    var bytes = Array(name.utf8)
    let isAbstract = bytes.first == UInt8(ascii: "@")
    if isAbstract { bytes[0] = 0 }
    guard bytes.count <= pathBytesMax else { throw SystemError(.connect, code: ENAMETOOLONG) }
    let descriptor = try FileDescriptor.socket(family: AF_UNIX, type: SOCK_DGRAM)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { path in
      for (index, byte) in bytes.enumerated() { unsafe path[index] = byte }
    }
    // An abstract name is not terminated.
    let length = MemoryLayout<sa_family_t>.size + bytes.count + (isAbstract ? 0 : 1)
    let status = unsafe withUnsafeBytes(of: &address) { raw in
      unsafe Glibc.connect(
        descriptor.raw, raw.baseAddress?.assumingMemoryBound(to: sockaddr.self),
        socklen_t(length))
    }
    guard status == 0 else { throw .last(.connect) }
    return DatagramSender(descriptor, isUnix: true)
  }

  /// Sends datagrams in one system call, without waiting.
  ///
  /// - Parameter ranges: Where each is in `bytes`; at most `UDPSender.batchMax`.
  /// - Returns: How many the kernel accepted, from the first on; 0 if there is no room.
  /// - Throws: `SystemError`. By UDP, ECONNREFUSED is about an earlier datagram, and this call has sent
  ///   none; at a Unix socket it means that the receiver is gone.
  package func send(
    _ bytes: Span<UInt8>, _ ranges: ArraySlice<Range<Int>>
  ) throws(SystemError) -> Int {
    try descriptor.send(bytes, ranges)
  }

  /// Sends one datagram, without waiting.
  ///
  /// - Returns: Whether there was room.
  package func send(_ datagram: [UInt8]) throws(SystemError) -> Bool {
    try descriptor.send(datagram.span, [0..<datagram.count]) == 1
  }

  /// Waits until there is room, or until the timeout.
  package func waitWritable(milliseconds: Int32) {
    descriptor.waitWritable(milliseconds: milliseconds)
  }
}

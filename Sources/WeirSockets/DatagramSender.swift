// Safety: connect(2) and getsockopt(2) get a value that is valid during the call, with its size.

import CLinux
import Glibc

/// A non-blocking socket that is connected to where its datagrams go: to an address by UDP, or to a Unix
/// datagram socket.
package final class DatagramSender: Sendable {
  private let descriptor: FileDescriptor
  package let isUnix: Bool

  private init(_ descriptor: consuming FileDescriptor, isUnix: Bool) {
    self.descriptor = descriptor
    self.isUnix = isUnix
  }

  /// Connects to an address. Nothing is sent, so that it is unknown whether anybody receives there.
  package static func connect(to peer: SocketAddress) throws(SystemError) -> DatagramSender {
    DatagramSender(try FileDescriptor.udp(connectedTo: peer), isUnix: false)
  }

  /// Connects to the socket at a path, or, with `@` before it, to one with an abstract name (unix(7)).
  ///
  /// - Throws: `SystemError`; ENOENT and ECONNREFUSED if nobody receives there, ENAMETOOLONG.
  package static func connect(toUnix name: String) throws(SystemError) -> DatagramSender {
    let address: UnixAddress
    if name.hasPrefix("@") {
      address = try UnixAddress(abstractName: String(name.dropFirst()), for: .connect)
    } else if let path = UnixPath(name) {
      address = UnixAddress(path)
    } else {
      throw SystemError(.connect, code: name.isEmpty ? ENOENT : ENAMETOOLONG)
    }
    let descriptor = try FileDescriptor.socket(family: AF_UNIX, type: SOCK_DGRAM)
    let raw = descriptor.raw
    guard unsafe address.withKernelForm({ unsafe Glibc.connect(raw, $0, $1) }) == 0 else {
      throw .last(.connect)
    }
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

  /// Takes the error that is kept for the next call: ECONNREFUSED if the host of an earlier datagram has answered
  /// that its port is closed. 0 for none.
  package func takeError() -> Int32 {
    var code: Int32 = 0
    var size = socklen_t(MemoryLayout.size(ofValue: code))
    return unsafe getsockopt(descriptor.raw, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : 0
  }

  /// Waits until there is room, or until the timeout.
  package func waitWritable(milliseconds: Int32) {
    descriptor.waitWritable(milliseconds: milliseconds)
  }
}

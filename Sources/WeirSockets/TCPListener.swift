import CLinux
import Glibc

/// A non-blocking listening TCP socket.
package struct TCPListener: ~Copyable, Sendable {
  package let descriptor: FileDescriptor
  /// The address that it listens on. A requested port 0 is replaced by the kernel's choice.
  package let address: SocketAddress

  /// Listens at an address. `[::]` accepts IPv4 as well unless `isIPv6Only`.
  ///
  /// - Parameter flag: The command-line option that gave the address, for the error message.
  /// - Throws: `ListenError`.
  package static func bind(
    to address: SocketAddress, isIPv6Only: Bool = false, flag: String
  ) throws(ListenError) -> TCPListener {
    do throws(SystemError) {
      let descriptor = try FileDescriptor.socket(family: address.kernelFamily, type: SOCK_STREAM)
      // Allows a restart while old connections are in TIME_WAIT. Unlike for UDP, Linux still
      // refuses the port while another socket listens on it.
      try descriptor.set(SO_REUSEADDR, to: 1)
      try descriptor.bind(to: address, isIPv6Only: isIPv6Only)
      guard listen(descriptor.raw, SocketLimits.backlogConnectionsMax) == 0 else {
        throw SystemError.last(.listen)
      }
      return TCPListener(address: try descriptor.localAddress(), descriptor: descriptor)
    } catch {
      throw ListenError(address: address, cause: error, flag: flag)
    }
  }

  init(address: SocketAddress, descriptor: consuming FileDescriptor) {
    self.address = address
    self.descriptor = descriptor
  }

  /// The next connection in the backlog; see `FileDescriptor.acceptStream`.
  package borrowing func accept() throws(SystemError) -> TCPStream? {
    try descriptor.acceptStream()
  }

  /// Gives up ownership of the descriptor.
  package consuming func intoDescriptor() -> FileDescriptor { descriptor }
}

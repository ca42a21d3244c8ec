import CLinux
import Glibc

/// A bound, non-blocking Unix datagram socket for receiving.
///
/// Nothing is dropped there: where the queue is full (`net.unix.max_dgram_qlen`), a sender waits, or
/// gets an error.
package struct UnixDatagramSocket: ~Copyable, Sendable {
  package let descriptor: FileDescriptor
  /// The path that it is bound to, or a name for it where it has none.
  package let path: String
  /// Nil for a socket that was handed over, whose file is not this process's.
  package let file: UnixSocketFile?

  /// - Throws: `UnixListenError`.
  package static func bind(
    to path: UnixPath, mode: UInt32, flag: String
  ) throws(UnixListenError) -> UnixDatagramSocket {
    let descriptor: FileDescriptor
    do throws(SystemError) {
      descriptor = try FileDescriptor.socket(family: AF_UNIX, type: SOCK_DGRAM)
    } catch {
      throw UnixListenError(path: path.text, reason: .system(error), flag: flag)
    }
    let file = try UnixSocketFile.bind(
      descriptor, type: SOCK_DGRAM, to: path, mode: mode, flag: flag)
    return UnixDatagramSocket(descriptor: descriptor, path: path.text, file: file)
  }

  init(descriptor: consuming FileDescriptor, path: String, file: UnixSocketFile?) {
    self.path = path
    self.file = file
    self.descriptor = descriptor
  }
}

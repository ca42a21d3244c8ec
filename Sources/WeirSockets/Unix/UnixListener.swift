import CLinux
import Glibc

/// A non-blocking listening Unix stream socket at a path.
package struct UnixListener: ~Copyable, Sendable {
  package let descriptor: FileDescriptor
  /// The path that it listens at, or a name for it where it has none.
  package let path: String
  /// Nil for a socket that was handed over, whose file is not this process's.
  package let file: UnixSocketFile?

  /// - Throws: `UnixListenError`.
  package static func bind(
    to path: UnixPath, mode: UInt32, flag: String
  ) throws(UnixListenError) -> UnixListener {
    let descriptor: FileDescriptor
    do throws(SystemError) {
      descriptor = try FileDescriptor.socket(family: AF_UNIX, type: SOCK_STREAM)
    } catch {
      throw UnixListenError(path: path.text, reason: .system(error), flag: flag)
    }
    let file = try UnixSocketFile.bind(
      descriptor, type: SOCK_STREAM, to: path, mode: mode, flag: flag)
    guard listen(descriptor.raw, SocketLimits.backlogConnectionsMax) == 0 else {
      throw UnixListenError(path: path.text, reason: .system(.last(.listen)), flag: flag)
    }
    return UnixListener(descriptor: descriptor, path: path.text, file: file)
  }

  init(descriptor: consuming FileDescriptor, path: String, file: UnixSocketFile?) {
    self.path = path
    self.file = file
    self.descriptor = descriptor
  }

  /// Gives up ownership of the descriptor. The file stays until it is removed or nobody holds it.
  package consuming func intoDescriptor() -> FileDescriptor { descriptor }
}

// Safety: lstat(2) fills a local value of its own type. Paths are strings that are valid during the call.

import CLinux
import Glibc
import WeirBytes

/// The file of a Unix socket that this process has bound. It is removed at the end, unless another
/// process has put its own in its place.
package final class UnixSocketFile: Sendable {
  /// What tells one file from another.
  private struct Identity: Equatable {
    let device: UInt
    let inode: UInt
  }

  package let path: UnixPath
  private let identity: Identity
  private let isRemoved = Locked(false)

  private init(_ path: UnixPath, _ identity: Identity) {
    self.path = path
    self.identity = identity
  }

  deinit { remove() }

  /// Removes the file if it is still the one that was made.
  package func remove() {
    isRemoved.withLock { isRemoved in
      guard !isRemoved else { return }
      isRemoved = true
      if UnixSocketFile.status(of: path)?.identity == identity { _ = unsafe unlink(path.text) }
    }
  }

  /// Binds a socket to a path.
  ///
  /// The socket file of a process that has ended is replaced. That of one that runs is not, and no
  /// other file. The folder is locked meanwhile, so that of two processes that start at once, the
  /// second sees the socket of the first.
  ///
  /// - Parameters:
  ///   - mode: The permissions of the file. Whoever may write to it may send.
  ///   - flag: The command-line option that gave the path, for the error message.
  /// - Throws: `UnixListenError`.
  static func bind(
    _ descriptor: borrowing FileDescriptor, type: __socket_type, to path: UnixPath, mode: UInt32,
    flag: String
  ) throws(UnixListenError) -> UnixSocketFile {
    func failed(_ reason: UnixListenError.Reason) -> UnixListenError {
      UnixListenError(path: path.text, reason: reason, flag: flag)
    }
    let lock = FolderLock(of: path)
    defer { lock?.release() }
    if let old = status(of: path) {
      guard old.isSocket else { throw failed(.otherFile) }
      switch listener(at: path, type: type) {
      case .none: break
      case .living: throw failed(.inUse)
      case .unknown(let error): throw failed(.untold(error))
      }
      guard status(of: path)?.identity == old.identity else { throw failed(.inUse) }
      guard unsafe unlink(path.text) == 0 else { throw failed(.system(.last(.unlink))) }
    }
    let raw = descriptor.raw
    // The file has the permissions of the unbound socket from its first moment, without those that
    // the umask takes away; chmod gives these as well.
    _ = fchmod(raw, mode)
    guard unsafe path.withAddress({ unsafe Glibc.bind(raw, $0, $1) }) == 0 else {
      let error = SystemError.last(.bind)
      throw failed(error.code == EADDRINUSE ? .inUse : .system(error))
    }
    guard let made = status(of: path) else { throw failed(.system(.last(.lstat))) }
    let file = UnixSocketFile(path, made.identity)
    guard unsafe chmod(path.text, mode) == 0 else {
      let error = SystemError.last(.chmod)
      file.remove()
      throw failed(.system(error))
    }
    return file
  }

  /// Whether a process listens.
  private enum Answer {
    case none, living
    case unknown(SystemError)
  }

  /// Connects to find out. For a datagram socket that sends nothing; a stream sees a connection that
  /// ends at once.
  private static func listener(at path: UnixPath, type: __socket_type) -> Answer {
    let probe: FileDescriptor
    do throws(SystemError) {
      probe = try FileDescriptor.socket(family: AF_UNIX, type: type)
    } catch {
      return .unknown(error)
    }
    let raw = probe.raw
    if unsafe path.withAddress({ unsafe connect(raw, $0, $1) }) == 0 { return .living }
    switch errno {
    case ECONNREFUSED, ENOENT: return .none
    // A socket of another type, or one with a full backlog.
    case EPROTOTYPE, EAGAIN: return .living
    default: return .unknown(.last(.connect))
    }
  }

  private static func status(of path: UnixPath) -> (identity: Identity, isSocket: Bool)? {
    var status = stat()
    guard unsafe lstat(path.text, &status) == 0 else { return nil }
    let identity = Identity(device: UInt(status.st_dev), inode: UInt(status.st_ino))
    return (identity, status.st_mode & S_IFMT == S_IFSOCK)
  }
}

/// A lock on the folder of a path (flock(2)), which leaves nothing behind.
private struct FolderLock {
  private static let tries = 100
  private static let pauseMicroseconds: UInt32 = 10_000

  private let descriptor: Int32

  /// Nil where the folder can't be read, and after a second in which another process had the lock.
  init?(of path: UnixPath) {
    let slash = path.text.lastIndex(of: "/")
    let folder = slash.map { String(path.text[...$0]) } ?? "."
    let opened = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard opened >= 0 else { return nil }
    for _ in 0..<Self.tries {
      if flock(opened, LOCK_EX | LOCK_NB) == 0 {
        descriptor = opened
        return
      }
      usleep(Self.pauseMicroseconds)
    }
    close(opened)
    return nil
  }

  func release() { close(descriptor) }
}

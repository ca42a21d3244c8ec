import Glibc

/// Why the state file or its directory cannot be used: a sentence that says what to do.
package struct StateError: Error, Equatable, CustomStringConvertible {
  package let description: String
  /// The errno of the call that failed, or 0.
  package let code: Int32

  package init(_ description: String, code: Int32 = 0) {
    self.description = description
    self.code = code
  }

  /// A call that failed.
  ///
  /// - Parameters:
  ///   - path: The file that it was about.
  ///   - doing: What was tried: `writing`, `making it permanent`.
  ///   - user: The user that this process runs as.
  init(_ path: String, _ doing: String, _ error: StateErrno, user: UInt32) {
    let code = error.code
    self.init(
      "\(path): \(doing) failed: \(LinuxSystem.text(code)) (errno \(code)); "
        + StateError.remedy(code, user: user),
      code: code)
  }

  private static func remedy(_ code: Int32, user: UInt32) -> String {
    switch code {
    case ENOSPC: "free space on its file system"
    case EDQUOT: "free space, or raise the quota of user \(user)"
    case EFBIG: "raise the limit on the size of files (ulimit -f, LimitFSIZE=)"
    case EROFS:
      "its file system is read-only; mount it writable, and look at the kernel's log for a faulty "
        + "disk"
    case EACCES, EPERM:
      "weir runs as user \(user); give this user the directory with chown and chmod 700"
    case EIO, ENXIO, ENODEV, ESTALE:
      "the disk or its connection is faulty; look at the kernel's log"
    case ENOENT, ENOTDIR:
      "the directory or the file has vanished; make the directory again, or mount it"
    case ELOOP: "it is a symbolic link; remove it, or give the directory where the file really is"
    case EMFILE, ENFILE: "too many files are open; raise the limit (ulimit -n, LimitNOFILE=)"
    case ENOLCK, EOPNOTSUPP, ENOSYS, EINVAL:
      "its file system cannot do this; use a directory on a local disk"
    default: "look at the kernel's log, and at the file system"
    }
  }
}

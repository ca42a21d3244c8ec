// Safety: stat(2) fills a local value of its own type.

import Glibc

/// The identity of a file's contents: device, inode, size, and the times of its last changes. Links
/// are followed.
struct FileStamp: Equatable, Sendable {
  private let device: UInt
  private let inode: UInt
  private let size: Int
  private let changed: [Int]

  /// Nil for a file that does not exist.
  private init?(_ path: String) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    device = UInt(status.st_dev)
    inode = UInt(status.st_ino)
    size = Int(status.st_size)
    changed = [
      status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
    ]
  }

  private init() {
    (device, inode, size, changed) = (0, 0, -1, [])
  }

  /// The stamps of files; all files that do not exist have the same stamp.
  static func of(_ paths: [String]) -> [String: FileStamp] {
    Dictionary(paths.map { ($0, FileStamp($0) ?? FileStamp()) }) { first, _ in first }
  }
}

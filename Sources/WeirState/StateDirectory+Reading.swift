import Glibc

extension StateDirectory {
  /// The bytes of the state file in a directory that need not be locked, or nil if there is none.
  package static func read(
    _ directory: String, bytesMax: Int = StateFormat.fileBytesMax,
    system: any StateSystem = LinuxSystem()
  ) throws(StateError) -> [UInt8]? {
    let path = filePath(in: directory)
    let file: Int32
    do throws(StateErrno) {
      file = try system.repeated { () throws(StateErrno) in
        // A pipe without a writer must not block.
        try system.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, mode: 0)
      }
    } catch {
      guard error.code != ENOENT else { return nil }
      if error.code == ENOTDIR { throw notDirectory(directory) }
      throw StateError(path, "opening it", error, user: system.user())
    }
    defer { system.close(file) }
    let status = try explained(path, "looking at it", system) { () throws(StateErrno) in
      try system.status(file)
    }
    guard status.mode & S_IFMT == S_IFREG else {
      throw StateError("\(path): it is not a regular file; remove it")
    }
    guard status.byteCount <= bytesMax else {
      throw StateError(
        "\(path): it has \(status.byteCount) bytes, and at most \(bytesMax) are read; remove it, or "
          + "move it away",
        code: EFBIG)
    }
    // A running Weir may append meanwhile; what it appends is not needed.
    return try explained(path, "reading", system) { () throws(StateErrno) in
      try system.read(file, bytesMax: status.byteCount)
    }
  }
}

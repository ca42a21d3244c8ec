/// The system calls that the state file needs, so that tests can make them fail.
package protocol StateSystem: Sendable {
  /// open(2), with O_CLOEXEC. The caller closes the descriptor.
  func open(_ path: String, _ flags: Int32, mode: UInt32) throws(StateErrno) -> Int32
  func close(_ descriptor: Int32)
  /// pwrite(2): the bytes written, which may be fewer.
  func write(
    _ descriptor: Int32, _ bytes: Span<UInt8>, at offset: Int
  ) throws(StateErrno) -> Int
  /// Reads from the start of a file until its end, or `bytesMax` bytes.
  func read(_ descriptor: Int32, bytesMax: Int) throws(StateErrno) -> [UInt8]
  /// ftruncate(2) to nothing.
  func empty(_ descriptor: Int32) throws(StateErrno)
  /// fdatasync(2)
  func syncData(_ descriptor: Int32) throws(StateErrno)
  /// fsync(2)
  func sync(_ descriptor: Int32) throws(StateErrno)
  /// rename(2)
  func rename(_ path: String, to newPath: String) throws(StateErrno)
  /// unlink(2)
  func remove(_ path: String) throws(StateErrno)
  /// unlinkat(2), of a name in an open directory.
  func remove(_ name: String, in directory: Int32) throws(StateErrno)
  /// flock(2), exclusive, without waiting.
  func lock(_ descriptor: Int32) throws(StateErrno)
  /// fstat(2)
  func status(_ descriptor: Int32) throws(StateErrno) -> StateFileStatus
  /// stat(2), or lstat(2) if links are not followed.
  func status(_ path: String, followsLinks: Bool) throws(StateErrno) -> StateFileStatus
  /// When the file was made, if the file system knows.
  func birth(_ descriptor: Int32) -> StateBirth?
  /// The names in a directory.
  func names(in path: String) throws(StateErrno) -> [String]
  /// The effective user.
  func user() -> UInt32
  /// The number of this process.
  func process() -> Int32
}

/// The errno of a call that failed.
package struct StateErrno: Error, Equatable {
  package let code: Int32

  package init(_ code: Int32) { self.code = code }
}

/// What is known of a file.
package struct StateFileStatus: Sendable, Equatable {
  package let device: UInt64
  package let inode: UInt64
  /// Type and permissions: `st_mode`.
  package let mode: UInt32
  package let byteCount: Int

  /// Whether both are the same file.
  func isSameFile(as other: StateFileStatus) -> Bool {
    device == other.device && inode == other.inode
  }
}

/// When a file was made.
package struct StateBirth: Sendable, Equatable {
  package let seconds: Int64
  package let nanoseconds: UInt32
}

extension StateSystem {
  /// Repeats a call that a signal interrupted, at most a thousand times, because a file system that
  /// always says so must not keep a thread for ever.
  func repeated<Result: ~Copyable>(
    _ call: () throws(StateErrno) -> Result
  ) throws(StateErrno) -> Result {
    for _ in 0..<1_000 {
      do throws(StateErrno) {
        return try call()
      } catch {
        guard error.code == interrupted else { throw error }
      }
    }
    return try call()
  }
}

// Safety: every call gets the address of a local value or of an array's or span's bytes, which
// outlives the call, with its real size. A `DIR` is used only in the function that opens and closes
// it; a name is copied before the next call of readdir(3). The array of `read` counts as
// initialised only what read(2) has filled.

import CLinux
import Glibc
import WeirBytes

/// EINTR
let interrupted = EINTR

/// The calls of the Linux kernel.
package struct LinuxSystem: StateSystem {
  package init() {}

  package func open(_ path: String, _ flags: Int32, mode: UInt32) throws(StateErrno) -> Int32 {
    let descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw StateErrno(errno) }
    return descriptor
  }

  package func close(_ descriptor: Int32) {
    // Linux closes the descriptor even if it reports an error.
    _ = Glibc.close(descriptor)
  }

  package func write(
    _ descriptor: Int32, _ bytes: Span<UInt8>, at offset: Int
  ) throws(StateErrno) -> Int {
    let count = unsafe bytes.withUnsafeBufferPointer {
      unsafe pwrite(descriptor, $0.baseAddress, $0.count, offset)
    }
    guard count >= 0 else { throw StateErrno(errno) }
    return count
  }

  package func read(_ descriptor: Int32, bytesMax: Int) throws(StateErrno) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: bytesMax) { room, count in
      while count < bytesMax {
        let rest = unsafe UnsafeMutableBufferPointer(rebasing: room[count..<bytesMax])
        let got = unsafe pread(descriptor, rest.baseAddress, min(rest.count, 1 << 30), count)
        if got < 0 && errno == EINTR { continue }
        if got < 0 { failure = errno }
        if got <= 0 { return }
        count += got
      }
    }
    guard failure == 0 else { throw StateErrno(failure) }
    return bytes
  }

  package func empty(_ descriptor: Int32) throws(StateErrno) {
    try check(ftruncate(descriptor, 0))
  }

  package func syncData(_ descriptor: Int32) throws(StateErrno) {
    try check(fdatasync(descriptor))
  }

  package func sync(_ descriptor: Int32) throws(StateErrno) {
    try check(fsync(descriptor))
  }

  package func rename(_ path: String, to newPath: String) throws(StateErrno) {
    try check(unsafe Glibc.rename(path, newPath))
  }

  package func remove(_ path: String) throws(StateErrno) {
    try check(unsafe unlink(path))
  }

  package func remove(_ name: String, in directory: Int32) throws(StateErrno) {
    try check(unsafe unlinkat(directory, name, 0))
  }

  package func lock(_ descriptor: Int32) throws(StateErrno) {
    try check(flock(descriptor, LOCK_EX | LOCK_NB))
  }

  package func status(_ descriptor: Int32) throws(StateErrno) -> StateFileStatus {
    var status = stat()
    try check(unsafe fstat(descriptor, &status))
    return StateFileStatus(status)
  }

  package func status(
    _ path: String, followsLinks: Bool
  ) throws(StateErrno) -> StateFileStatus {
    var status = stat()
    try check(unsafe followsLinks ? stat(path, &status) : lstat(path, &status))
    return StateFileStatus(status)
  }

  package func birth(_ descriptor: Int32) -> StateBirth? {
    var status = statx()
    // AT_EMPTY_PATH: the descriptor's own file.
    let emptyPath: Int32 = 0x1000
    let wanted = UInt32(STATX_BTIME)
    guard unsafe statx(descriptor, "", emptyPath, wanted, &status) == 0,
      status.stx_mask & wanted != 0
    else { return nil }
    return StateBirth(
      seconds: Int64(status.stx_btime.tv_sec), nanoseconds: status.stx_btime.tv_nsec)
  }

  package func names(in path: String) throws(StateErrno) -> [String] {
    guard let directory = unsafe opendir(path) else { throw StateErrno(errno) }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
      }
      names.append(name)
    }
    return names
  }

  package func user() -> UInt32 { geteuid() }

  package func process() -> Int32 { getpid() }

  private func check(_ result: Int32) throws(StateErrno) {
    guard result == 0 else { throw StateErrno(errno) }
  }

  /// The C library's text for a code, such as `No space left on device`.
  static func text(_ code: Int32) -> String {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      guard let start = buffer.baseAddress, unsafe strerror_r(code, start, buffer.count) == 0 else {
        return "error \(code)"
      }
      return unsafe String(cString: start)
    }
  }
}

extension StateFileStatus {
  init(_ status: stat) {
    self.init(
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino), mode: status.st_mode,
      byteCount: Int(status.st_size))
  }
}

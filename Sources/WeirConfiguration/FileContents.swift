// Safety: read(2) gets an array for the time of the call, with its size; fstat(2) fills a local
// value.

import Glibc

/// A file that was read completely.
package struct FileContents: Sendable {
  package let bytes: [UInt8]
  /// Whether users other than the file's owner may read it.
  package let isReadableByOthers: Bool

  /// Reads a file of at most `bytesMax` bytes. Anything that is not a regular file, such as a pipe,
  /// is refused, and so is a file that changes during the read.
  ///
  /// - Parameter duringRead: Called after the file is opened and before it is read, for tests.
  /// - Throws: `FileTrouble`.
  package static func read(
    _ path: String, bytesMax: Int, duringRead: () -> Void = {}
  ) throws(FileTrouble) -> FileContents {
    // A pipe without a writer must not block the start.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileTrouble(code: errno) }
    defer { close(descriptor) }
    let status = try status(of: descriptor)
    guard status.st_mode & S_IFMT == S_IFREG else { throw FileTrouble("it is not a regular file") }
    guard status.st_size <= bytesMax else {
      throw FileTrouble("it is longer than \(ByteCount.text(bytesMax))")
    }
    duringRead()
    var bytes = [UInt8](repeating: 0, count: bytesMax + 1)
    var count = 0
    while count < bytes.count {
      let got = unsafe bytes.withUnsafeMutableBytes { room in
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: room[count...])
        return unsafe Glibc.read(descriptor, rest.baseAddress, rest.count)
      }
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw FileTrouble(code: errno) }
      if got == 0 { break }
      count += got
    }
    guard count <= bytesMax else {
      throw FileTrouble("it is longer than \(ByteCount.text(bytesMax))")
    }
    // Half of a file may be a valid file that protects nothing.
    let after = try self.status(of: descriptor)
    guard isUnchanged(status, after), count == after.st_size else { throw .changed }
    return FileContents(
      bytes: Array(bytes[..<count]), isReadableByOthers: status.st_mode & 0o077 != 0)
  }

  private static func status(of descriptor: Int32) throws(FileTrouble) -> stat {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw FileTrouble(code: errno) }
    return status
  }

  private static func isUnchanged(_ before: stat, _ after: stat) -> Bool {
    before.st_size == after.st_size && before.st_mtim.tv_sec == after.st_mtim.tv_sec
      && before.st_mtim.tv_nsec == after.st_mtim.tv_nsec
  }
}

/// Why a file cannot be read, as a part of a sentence: `there is no such file`.
package struct FileTrouble: Error, Equatable, CustomStringConvertible {
  package let description: String
  /// What to do about it; nil if the caller has a better remedy.
  package let remedy: String?

  init(_ description: String, remedy: String? = nil) {
    self.description = description
    self.remedy = remedy
  }

  package init(code: Int32) {
    let text =
      switch code {
      case ENOENT, ENOTDIR: "there is no such file"
      case EACCES, EPERM: "weir is not allowed to read it"
      case EISDIR: "it is a folder"
      case EMFILE, ENFILE: "too many files are open"
      default: "reading it failed with errno \(code)"
      }
    self.init(text)
  }

  static let changed = FileTrouble(
    "it changed while it was read", remedy: "write a new file and rename it to this name")
}

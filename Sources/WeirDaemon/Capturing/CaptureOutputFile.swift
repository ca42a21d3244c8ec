// Safety: open(2), lstat(2) and unlink(2) get terminated strings; write(2) reads a buffer that the array keeps valid
// during the call, within its count.

import Glibc
import WeirBytes
import WeirCapture

/// The file of a recording. It is whole after each `flush`, whatever happens later, and also after one that failed.
struct CaptureOutputFile: ~Copyable {
  /// What is kept in memory before it is written.
  static let bufferBytesMax = 256 * 1024

  private let descriptor: Int32
  private let path: String
  private let bytesMax: Int
  private var writer = CaptureWriter()
  /// Bytes in the file.
  private var written = 0
  /// Datagrams in the file, with those that wait to be written.
  private(set) var datagrams = 0

  /// Makes a file that only its user can read.
  ///
  /// - Parameter replaces: Whether a regular file of this name is removed before.
  /// - Throws: `CommandFailure`, also if there is something of this name.
  static func create(
    _ path: String, bytesMax: Int, replaces: Bool
  ) throws(CommandFailure) -> CaptureOutputFile {
    if replaces { try remove(path) }
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      if errno == EEXIST {
        try checkRegular(path)
        throw .trouble(
          "\(path.escapedPath) exists; write another name, or replace it with --force")
      }
      throw failure(path, errno)
    }
    var file = CaptureOutputFile(descriptor, path, bytesMax)
    try file.flush()
    return file
  }

  private init(_ descriptor: Int32, _ path: String, _ bytesMax: Int) {
    self.descriptor = descriptor
    self.path = path
    self.bytesMax = bytesMax
  }

  deinit { close(descriptor) }

  private static func remove(_ path: String) throws(CommandFailure) {
    // --force must not remove a device.
    try checkRegular(path)
    guard unsafe unlink(path) == 0 || errno == ENOENT else { throw failure(path, errno) }
  }

  /// - Throws: `CommandFailure` if there is something else than a regular file.
  private static func checkRegular(_ path: String) throws(CommandFailure) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else {
      if errno == ENOENT { return }
      throw failure(path, errno)
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return
    case S_IFDIR:
      throw .trouble(
        "\(path.escapedPath) is a folder; write the name of a file, such as statsd.pcap in it")
    default: throw .trouble("\(path.escapedPath) is not a regular file; write another name")
    }
  }

  private static func failure(_ path: String, _ code: Int32) -> CommandFailure {
    .trouble(
      "\(path.escapedPath) cannot be written: \(CaptureText.writeTrouble(code)); "
        + CaptureText.writeRemedy(code))
  }

  /// Bytes of the file with those that wait to be written.
  var count: Int { written + writer.count }

  /// Adds a datagram.
  ///
  /// - Returns: False if the file would become too long.
  mutating func append(_ datagram: CapturedDatagram) throws(CommandFailure) -> Bool {
    // What has been received fits.
    guard let bytes = CaptureWriter.bytes(of: datagram) else { return true }
    guard count + bytes <= bytesMax else { return false }
    _ = writer.append(datagram)
    datagrams += 1
    if writer.count >= CaptureOutputFile.bufferBytesMax { try flush() }
    return true
  }

  /// Writes what waits. If that fails, the file keeps the packets that were written whole.
  mutating func flush() throws(CommandFailure) {
    let bytes = writer.take()
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe write(descriptor, $0.baseAddress.map { unsafe $0 + done }, $0.count - done)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let code = errno
        let whole = CaptureWriter.wholeRecords(in: bytes, upTo: done)
        written += whole.bytes
        datagrams -= whole.left
        _ = ftruncate(descriptor, off_t(written))
        throw CaptureOutputFile.failure(path, code)
      }
      done += count
    }
    written += bytes.count
  }
}

extension String {
  /// A path for a terminal.
  var escapedPath: String { ShownText.of(Array(utf8)) }
}

// Safety: open(2) gets a terminated string, fstat(2) a local value; read(2) fills a buffer that the array keeps valid
// during the call, within its count.

import Glibc
import WeirCapture
import WeirConfiguration

/// The datagrams of a file, one after another. Only a piece of the file is in memory.
struct CaptureInputFile: ~Copyable {
  private static let bytesPerRead = 256 * 1024

  private let descriptor: Int32
  private let path: String
  private(set) var reader = CaptureReader()
  private var piece = [UInt8](repeating: 0, count: bytesPerRead)
  private var isAtEnd = false
  /// Whether the file ends within a packet.
  private(set) var isCut = false

  /// - Throws: `CommandFailure` if the file can't be read.
  static func open(_ path: String) throws(CommandFailure) -> CaptureInputFile {
    let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path, errno) }
    return CaptureInputFile(descriptor, path)
  }

  private init(_ descriptor: Int32, _ path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit { close(descriptor) }

  private static func failure(_ path: String, _ code: Int32) -> CommandFailure {
    .trouble(
      "\(path.escapedPath) cannot be read: \(FileTrouble(code: code)); write the path of a pcap file "
        + "that you may read")
  }

  /// Whether it can be read more than once.
  var isRepeatable: Bool {
    var status = stat()
    return unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// The next datagram; nil at the end.
  ///
  /// - Throws: `CommandFailure` if the file can't be read, or is no capture.
  mutating func next() throws(CommandFailure) -> CapturedDatagram? {
    while true {
      do throws(CaptureError) {
        if let datagram = try reader.next() { return datagram }
        if isAtEnd {
          isCut = try !reader.finish()
          return nil
        }
      } catch {
        throw .trouble("\(path.escapedPath) \(error)")
      }
      try read()
    }
  }

  private mutating func read() throws(CommandFailure) {
    var count = -1
    repeat {
      count = unsafe piece.withUnsafeMutableBytes {
        unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
      }
      // A pipe that nobody writes to ends with Ctrl-C.
    } while count < 0 && errno == EINTR && !CaptureStop.isRequested
    guard count >= 0 else {
      if errno == EINTR {
        isAtEnd = true
        return
      }
      throw CaptureInputFile.failure(path, errno)
    }
    isAtEnd = count == 0
    reader.append(piece[..<count])
  }
}

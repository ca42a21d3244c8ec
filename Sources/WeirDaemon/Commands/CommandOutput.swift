// Safety: write(2) reads a buffer that the array keeps valid during the call, within its count.

import Glibc

/// Where a command prints what may be long: standard output, or another descriptor in tests.
struct CommandOutput: Sendable {
  var descriptor: Int32 = STDOUT_FILENO

  /// Nobody reads the output any more, so that the command should end and say nothing.
  struct Closed: Error {}

  /// Writes all bytes.
  ///
  /// - Throws: `Closed`, or `StartError` if they cannot be written.
  func write(_ bytes: [UInt8]) throws {
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(
          descriptor, $0.baseAddress.map { unsafe $0 + written }, $0.count - written)
      }
      if count < 0 && errno == EINTR { continue }
      if count < 0 && errno == EPIPE { throw Closed() }
      guard count > 0 else {
        throw StartError(
          description:
            "the output cannot be written: \(CaptureText.writeTrouble(errno)); write it elsewhere")
      }
      written += count
    }
  }

  func write(_ text: String) throws { try write(Array(text.utf8)) }
}

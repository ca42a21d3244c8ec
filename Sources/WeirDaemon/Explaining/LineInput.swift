// Safety: read(2) fills a buffer that the array keeps valid during the call, within its count.

import Glibc

/// Lines from standard input, or another descriptor in tests. Their bytes stay as they are, malformed ones too.
struct LineInput {
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  /// Where the next line begins.
  private var start = 0
  private var isAtEnd = false

  private static let bytesPerRead = 1 << 16
  /// The longest line. One of StatsD, or of a page, is far shorter.
  static let lineBytesMax = 1 << 20

  init(descriptor: Int32 = STDIN_FILENO) { self.descriptor = descriptor }

  /// The next line without its `\n` or `\r\n`; nil at the end.
  ///
  /// - Throws: `StartError` if the input can't be read, or a line is too long.
  mutating func next() throws(StartError) -> [UInt8]? {
    var searched = start
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { start = end + 1 }
        return Self.withoutReturn(buffer[start..<end])
      }
      searched = buffer.count
      guard searched - start <= Self.lineBytesMax else {
        throw StartError(
          description:
            "a line of the input is longer than \(Self.lineBytesMax >> 20) MiB; give lines of text")
      }
      if isAtEnd {
        defer { start = buffer.count }
        return start < buffer.count ? Self.withoutReturn(buffer[start...]) : nil
      }
      searched -= start
      buffer.removeFirst(start)
      start = 0
      try read()
    }
  }

  /// Whether the next line is there, so that `next` does not wait.
  var hasLine: Bool { isAtEnd || buffer[start...].contains(UInt8(ascii: "\n")) }

  private static func withoutReturn(_ line: ArraySlice<UInt8>) -> [UInt8] {
    Array(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
  }

  private mutating func read() throws(StartError) {
    var piece = [UInt8](repeating: 0, count: Self.bytesPerRead)
    var count = -1
    repeat {
      count = unsafe piece.withUnsafeMutableBytes {
        unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
      }
    } while count < 0 && errno == EINTR
    guard count >= 0 else {
      throw StartError(
        description: "the input cannot be read, with errno \(errno); give lines as arguments")
    }
    isAtEnd = count == 0
    buffer += piece[..<count]
  }
}

// Safety: the loop's range is checked against the span's count before its first byte is read.
import WeirSockets

/// The least that a receiver can do: it counts datagrams, bytes and lines.
///
/// What it takes is the kernel's share and one look at each byte; every other figure is shown
/// beside it.
package struct LineCounter: Sendable {
  package private(set) var datagrams = 0
  package private(set) var bytes = 0
  /// Newlines, and one for each datagram, whose last line has none.
  package private(set) var lines = 0

  package init() {}

  /// Counts every datagram of one receive call.
  ///
  /// - Complexity: O(bytes).
  package mutating func count(_ batch: borrowing DatagramBatch) {
    for index in 0..<batch.count {
      let start = batch.start(of: index)
      let end = start + batch.length(of: index)
      lines += 1 + Self.newlines(batch.bytes, from: start, to: end)
      bytes += end - start
    }
    datagrams += batch.count
  }

  /// Bytes whose count fits into eight bits, so that the compiler counts as many at once as the
  /// machine has lanes.
  private static let strideBytes = 255

  private static func newlines(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Int {
    precondition(start >= 0 && end <= bytes.count)
    var total = 0
    var first = start
    while first < end {
      let next = min(first &+ strideBytes, end)
      var count: UInt8 = 0
      for index in first..<next {
        count &+= unsafe bytes[unchecked: index] == UInt8(ascii: "\n") ? 1 : 0
      }
      total &+= Int(count)
      first = next
    }
    return total
  }
}

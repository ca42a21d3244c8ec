import WeirBytes
import WeirSockets

/// The least that a receiver can do: it counts datagrams, bytes and lines.
///
/// Its cost is the kernel's share and one look at each byte. All other figures are compared with
/// it.
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

  /// Words whose newlines, at most one in each lane, still fit into lanes of eight bits.
  private static let wordsMax = 255

  /// Eight bytes at a time, because a byte at a time would cost as much as the kernel.
  private static func newlines(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Int {
    let newlines: UInt64 = 0x0A0A_0A0A_0A0A_0A0A
    let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
    var total = 0
    var index = start
    while index &+ 8 <= end {
      let stretchEnd = min(end, index &+ 8 &* wordsMax)
      var lanes: UInt64 = 0
      while index &+ 8 <= stretchEnd {
        // A byte is zero where there is a newline. Only its high bit then stays clear.
        let word = bytes.word(at: index) ^ newlines
        lanes &+= ~((word & low) &+ low | word | low) &>> 7
        index &+= 8
      }
      // Lanes of sixteen bits hold the sum of all eight.
      let pairs = (lanes & 0x00FF_00FF_00FF_00FF) &+ (lanes &>> 8 & 0x00FF_00FF_00FF_00FF)
      total &+= Int((pairs &* 0x0001_0001_0001_0001) &>> 48)
    }
    while index < end {
      if bytes[index] == UInt8(ascii: "\n") { total &+= 1 }
      index &+= 1
    }
    return total
  }
}

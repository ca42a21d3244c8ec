/// Which of the forwarder's own frames the next hop has confirmed, of the last `length` frames.
///
///     oldest ............................... newest
///     a bit for each, at its sequence modulo `length`
///
/// Frames before the window count as not confirmed. A late answer to one of them is ignored, and the rows that it
/// carried are sent once more, which changes nothing.
package struct ConfirmedFrames: Sendable {
  /// Two rounds of a million counters that all change. 16 KiB.
  package static let length: UInt64 = 1 << 17

  /// The last frame that was written.
  package private(set) var newest: UInt64 = 0
  private var words = [UInt64](repeating: 0, count: Int(length / 64))

  package init() {}

  /// Notes that a frame was written. It waits for its answer.
  ///
  /// - Precondition: it follows the one before it.
  package mutating func write(_ sequence: UInt64) {
    newest = sequence
    let (word, bit) = ConfirmedFrames.place(sequence)
    words[word] &= ~(1 << bit)
  }

  /// Notes the answer to a frame.
  ///
  /// - Returns: Whether the frame was in the window, and had no answer before.
  package mutating func confirm(_ sequence: UInt64) -> Bool {
    guard sequence > 0, sequence <= newest, newest - sequence < ConfirmedFrames.length else {
      return false
    }
    let (word, bit) = ConfirmedFrames.place(sequence)
    if words[word] & (1 << bit) != 0 { return false }
    words[word] |= 1 << bit
    return true
  }

  /// Whether a frame was confirmed.
  @inline(__always)
  func contains(_ sequence: UInt64) -> Bool {
    guard newest &- sequence < ConfirmedFrames.length else { return false }
    let (word, bit) = ConfirmedFrames.place(sequence)
    return words[word] & (1 << bit) != 0
  }

  @inline(__always)
  private static func place(_ sequence: UInt64) -> (word: Int, bit: UInt64) {
    let place = sequence & (length &- 1)
    return (Int(truncatingIfNeeded: place >> 6), place & 63)
  }
}

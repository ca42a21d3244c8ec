/// Which of an instance's frames have arrived: one by one for the last 1,024, as counts before.
///
///     1 ..................... base ........................ newest
///     not expected, or counted     a bit for each in `seen`
///
/// `base` is never more than 1,024 before `newest`. Sequence numbers begin with 1.
package struct SequenceWindow: Sendable {
  /// What a frame is to those that came before it.
  package enum Standing: Sendable {
    /// The newest so far, or the first.
    case new
    /// Not seen before, though a newer one was.
    case late
    case duplicate
    /// So much older than the newest that nobody knows whether it was seen before.
    case tooOld
  }

  /// Frames that are known one by one: 5 s of reordering at 200 frames a second.
  package static let length: UInt64 = 1_024
  static let words = Int(length / 64)

  /// A gap counts as this many lost frames at most. No instance sends more between two frames that
  /// arrive, and a hostile one must not make the sum of all losses useless.
  static let lostAtOnceMax: UInt64 = 1 << 20

  /// The newest frame seen.
  package internal(set) var newest: UInt64 = 0
  /// This frame and older ones are not counted as lost: they were sent before the server listened,
  /// or are counted already.
  var base: UInt64 = 0
  /// One bit for each of the last frames, at its sequence modulo the length.
  var seen: InlineArray<16, UInt64> = .init(repeating: 0)

  /// Frames that arrived, late ones included.
  package internal(set) var received: UInt64 = 0
  package internal(set) var late: UInt64 = 0
  /// Frames that had arrived before, or are too old to know.
  package internal(set) var duplicates: UInt64 = 0
  /// Frames still missing after 1,024 newer ones.
  package internal(set) var lost: UInt64 = 0

  /// - Parameter base: The frame before the first that is expected.
  package init(base: UInt64) {
    self.base = base
    newest = base
  }

  /// Frames among the last 1,024 that have not arrived yet.
  ///
  /// - Complexity: O(window).
  package var missing: UInt64 {
    var missing: UInt64 = 0
    var sequence = max(base, newest - min(newest, SequenceWindow.length))
    while sequence < newest {
      sequence += 1
      if !isSeen(sequence) { missing += 1 }
    }
    return missing
  }

  /// What a frame is, without recording that it has arrived.
  package func standing(of sequence: UInt64) -> Standing {
    if sequence > newest { return .new }
    if newest - sequence >= SequenceWindow.length { return .tooOld }
    return isSeen(sequence) ? .duplicate : .late
  }

  /// Records that a frame has arrived.
  ///
  /// - Complexity: O(1) for the next frame, O(window) after a gap.
  package mutating func see(_ sequence: UInt64) -> Standing {
    precondition(sequence > 0, "frames are numbered from 1")
    let standing = standing(of: sequence)
    switch standing {
    case .new:
      advance(to: sequence)
      received += 1
    case .late:
      mark(sequence)
      received += 1
      late += 1
    case .duplicate, .tooOld:
      duplicates += 1
    }
    return standing
  }

  /// Counts those that are still missing as lost, because the instance is silent.
  package mutating func giveUpMissing() {
    lost += missing
    base = newest
  }

  private mutating func advance(to sequence: UInt64) {
    let gap = sequence - newest
    // Lost are those that leave the window unseen, and those that never were in it.
    if gap > SequenceWindow.length {
      lost += missing
      lost += min(gap - SequenceWindow.length, SequenceWindow.lostAtOnceMax)
      seen = .init(repeating: 0)
      base = max(base, sequence - SequenceWindow.length)
    } else {
      for next in newest + 1...sequence { leave(next) }
    }
    newest = sequence
    mark(sequence)
  }

  /// Frees the bit of `next`, which the frame 1,024 before it had.
  private mutating func leave(_ next: UInt64) {
    if next > SequenceWindow.length {
      let old = next - SequenceWindow.length
      if old > base && !isSeen(old) { lost += 1 }
      if old > base { base = old }
    }
    let (word, bit) = SequenceWindow.place(next)
    seen[word] &= ~(1 << bit)
  }

  private func isSeen(_ sequence: UInt64) -> Bool {
    let (word, bit) = SequenceWindow.place(sequence)
    return seen[word] & (1 << bit) != 0
  }

  private mutating func mark(_ sequence: UInt64) {
    let (word, bit) = SequenceWindow.place(sequence)
    seen[word] |= 1 << bit
  }

  private static func place(_ sequence: UInt64) -> (word: Int, bit: UInt64) {
    let place = sequence % length
    return (Int(place / 64), place % 64)
  }
}

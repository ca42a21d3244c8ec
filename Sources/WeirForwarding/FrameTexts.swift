import WeirBytes

/// The strings of the frame that is being written, each once, in the order in which they were first used.
///
///     slots     epoch and index of a string, at its hash; those of an older epoch are free
///     entries   hash, and where the string is in `bytes`
///     bytes     length text length text …            the frame's own form
///
/// It allocates nothing once it is as large as the frames need.
struct FrameTexts: Sendable {
  private struct Entry: BitwiseCopyable {
    let hash: UInt64
    let start: UInt32
    let length: UInt32
  }

  /// Keyed, because senders choose the strings.
  private let hash: KeyedHash
  private var slots: [UInt64]
  private var mask: Int
  private var epoch: UInt64 = 1
  private var entries: [Entry] = []
  private(set) var bytes: [UInt8] = []

  /// Slots at the beginning: enough for a frame of 1,432 bytes, which has at most 700 strings.
  private static let slotsFirst = 2_048

  init() {
    var generator = SystemRandomNumberGenerator()
    hash = .random(using: &generator)
    slots = [UInt64](repeating: 0, count: FrameTexts.slotsFirst)
    mask = FrameTexts.slotsFirst - 1
  }

  var count: Int { entries.count }

  mutating func removeAll() {
    entries.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
    epoch += 1
  }

  /// Removes the strings that were added last.
  ///
  /// Their slots stay, so this is right only before `removeAll`.
  mutating func drop(to count: Int, bytes length: Int) {
    entries.removeLast(entries.count - count)
    bytes.removeLast(bytes.count - length)
  }

  /// Whether a text is the one at an index, if there is one.
  @inline(__always)
  func holds(_ text: Span<UInt8>, from start: Int, to end: Int, at index: Int) -> Bool {
    guard index < entries.count else { return false }
    let entry = entries[index]
    return entry.length == end &- start
      && bytes.span.matches(at: Int(entry.start), text, at: start, length: end &- start)
  }

  /// The index of a text, which is added if it is not there.
  ///
  /// - Complexity: O(`length`).
  @inline(__always)
  mutating func index(of text: Span<UInt8>, from start: Int, to end: Int) -> Int {
    let length = end &- start
    let digest = hash.hash(text, from: start, length: length)
    var slot = Int(truncatingIfNeeded: digest) & mask
    while slots[slot] >> 32 == epoch {
      let index = Int(truncatingIfNeeded: slots[slot] & 0xFFFF_FFFF)
      let entry = entries[index]
      if entry.hash == digest, entry.length == length,
        bytes.span.matches(at: Int(entry.start), text, at: start, length: length)
      {
        return index
      }
      slot = (slot &+ 1) & mask
    }
    return add(text, from: start, length: length, digest, slot)
  }

  @inline(never)
  private mutating func add(
    _ text: Span<UInt8>, from start: Int, length: Int, _ digest: UInt64, _ slot: Int
  ) -> Int {
    let index = entries.count
    bytes.append(varint: UInt64(length))
    entries.append(
      Entry(hash: digest, start: UInt32(bytes.count), length: UInt32(length)))
    for place in start..<start + length { bytes.append(text[place]) }
    slots[slot] = epoch << 32 | UInt64(index)
    if entries.count * 2 > slots.count { grow() }
    return index
  }

  private mutating func grow() {
    slots = [UInt64](repeating: 0, count: slots.count * 2)
    mask = slots.count - 1
    for (index, entry) in entries.enumerated() {
      var slot = Int(truncatingIfNeeded: entry.hash) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = epoch << 32 | UInt64(index)
    }
  }
}

// Safety: `words` and `factors` are allocated and initialised for `wordCount` and `factorCount`
// elements and freed once, in `deinit`. A precondition limits every fingerprint to `bytesMax`
// bytes, for which there are enough words, and to ranges inside the span.

/// A 128-bit keyed hash. Collisions are so unlikely that it replaces a comparison of the bytes.
@usableFromInline
package struct Fingerprint: Equatable, Sendable, BitwiseCopyable {
  @usableFromInline package let low: UInt64
  @usableFromInline package let high: UInt64

  @inlinable
  package init(low: UInt64, high: UInt64) {
    self.low = low
    self.high = high
  }

  /// A placeholder for input that is too long for a fingerprint.
  @inlinable package static var none: Fingerprint { Fingerprint(low: 0, high: 0) }
}

/// The secret key for fingerprints of a number and two byte strings.
///
/// There are two lanes. Each is NH (Black, Halevi, Krawczyk, Krovetz and Rogaway, "UMAC", 1999)
/// over blocks of two words; the second lane uses the key shifted by one block. Multiply-shift
/// (Dietzfelbinger, 1996) then reduces each lane's 128 bits to 64.
///
/// ```
/// blocks   | number, both lengths | first string: 16 bytes each | second string: 16 bytes each |
/// lane 1   key words 0, 1           2, 3   4, 5 …                 …
/// lane 2   key words 2, 3           4, 5   6, 7 …                 …
///
/// each lane: sum of (low + key) × (high + key) ─▶ 128 bits ── multiply-shift ─▶ 64 bits
/// ```
///
/// A string shorter than 16 bytes is one block; the last block of a longer one may overlap the
/// block before it. The first block holds the lengths, so different inputs always have different
/// blocks.
///
/// Two inputs that were chosen without knowledge of the key have the same fingerprint with a
/// probability of at most 2⁻¹²⁶: see `docs/decisions/0013-a-fingerprint-for-an-identity.md`.
@usableFromInline
@safe
package struct FingerprintKey: ~Copyable {
  /// Bytes of both strings together. They need at most 64 blocks: 62, one for the lengths, and one
  /// more if both strings end with a partial block.
  @inlinable package static var bytesMax: Int { 16 * 62 }

  /// Two for each block, and two because the second lane is shifted by a block.
  private static let wordCount = 2 * 65
  /// Three for each lane.
  private static let factorCount = 6

  @usableFromInline let words: UnsafeMutablePointer<UInt64>
  @usableFromInline let factors: UnsafeMutablePointer<UInt128>

  /// Draws a key from `generator`.
  package init(from generator: inout some RandomNumberGenerator) {
    unsafe words = .allocate(capacity: FingerprintKey.wordCount)
    for index in 0..<FingerprintKey.wordCount {
      unsafe (words + index).initialize(to: generator.next())
    }
    unsafe factors = .allocate(capacity: FingerprintKey.factorCount)
    for index in 0..<FingerprintKey.factorCount {
      unsafe (factors + index).initialize(to: .random(in: .min ... .max, using: &generator))
    }
  }

  deinit {
    unsafe words.deallocate()
    unsafe factors.deallocate()
  }

  /// The fingerprint of `number` and the bytes in two ranges.
  ///
  /// - Precondition: `number` is 0 to 2¹⁶ - 1, both ranges are in `bytes`, and together they have
  ///   at most `bytesMax` bytes.
  /// - Complexity: O(bytes), sixteen per step.
  @inlinable
  @inline(__always)
  package func fingerprint(
    number: Int, first: Range<Int>, second: Range<Int>, in bytes: Span<UInt8>
  ) -> Fingerprint {
    // A range is never reversed, so neither length is negative.
    let firstLength = first.upperBound &- first.lowerBound
    let secondLength = second.upperBound &- second.lowerBound
    precondition(
      first.lowerBound >= 0 && first.upperBound <= bytes.count && second.lowerBound >= 0
        && second.upperBound <= bytes.count
        && firstLength &+ secondLength <= FingerprintKey.bytesMax, "ranges out of bounds")
    var lanes = LaneSums()
    let head = UInt64(truncatingIfNeeded: firstLength &<< 32 | secondLength &<< 16 | number)
    add(low: head, high: 0, to: &lanes)
    addString(bytes, in: first, to: &lanes)
    addString(bytes, in: second, to: &lanes)
    return unsafe Fingerprint(
      low: multiplyShift(lanes.first, factors), high: multiplyShift(lanes.second, factors + 3))
  }

  @inlinable
  @inline(__always)
  func addString(_ bytes: Span<UInt8>, in range: Range<Int>, to lanes: inout LaneSums) {
    let length = range.upperBound &- range.lowerBound
    guard length >= 16 else {
      let block = FingerprintKey.shortBlock(bytes, at: range.lowerBound, length: length)
      return add(low: block.low, high: block.high, to: &lanes)
    }
    let last = range.upperBound &- 16
    var index = range.lowerBound
    while index < last {
      addBlock(bytes, at: index, to: &lanes)
      index &+= 16
    }
    // The last block may overlap the previous one. The lengths are part of the fingerprint, so
    // different strings still have different blocks.
    addBlock(bytes, at: last, to: &lanes)
  }

  @inlinable
  @inline(__always)
  func addBlock(_ bytes: Span<UInt8>, at index: Int, to lanes: inout LaneSums) {
    add(
      low: bytes.uncheckedWord(at: index), high: bytes.uncheckedWord(at: index &+ 8), to: &lanes)
  }

  /// A block of fewer than 16 bytes. Different strings of the same length give different blocks.
  @inlinable
  @inline(__always)
  static func shortBlock(
    _ bytes: Span<UInt8>, at start: Int, length: Int
  ) -> (low: UInt64, high: UInt64) {
    if length >= 8 {
      return (bytes.uncheckedWord(at: start), bytes.uncheckedWord(at: start &+ length &- 8))
    }
    if length >= 4 {
      return (
        UInt64(bytes.halfWord(at: start)), UInt64(bytes.halfWord(at: start &+ length &- 4))
      )
    }
    guard length > 0 else { return (0, 0) }
    return (
      UInt64(bytes[start]) << 16 | UInt64(bytes[start &+ length &>> 1]) << 8
        | UInt64(bytes[start &+ length &- 1]), 0
    )
  }

  @inlinable
  @inline(__always)
  func add(low: UInt64, high: UInt64, to lanes: inout LaneSums) {
    let key = unsafe words + lanes.words
    unsafe lanes.first &+= UInt128(low &+ key[0]) &* UInt128(high &+ key[1])
    unsafe lanes.second &+= UInt128(low &+ key[2]) &* UInt128(high &+ key[3])
    lanes.words &+= 2
  }

  /// The sums of both lanes, and the number of key words used so far.
  @usableFromInline
  struct LaneSums {
    @usableFromInline var first: UInt128 = 0
    @usableFromInline var second: UInt128 = 0
    @usableFromInline var words = 0

    @inlinable init() {}
  }

  /// A strongly universal hash from 128 bits to 64.
  @inlinable
  @inline(__always)
  func multiplyShift(_ sum: UInt128, _ factors: UnsafeMutablePointer<UInt128>) -> UInt64 {
    let low = UInt128(UInt64(truncatingIfNeeded: sum))
    let high = UInt128(UInt64(truncatingIfNeeded: sum &>> 64))
    let mixed = unsafe factors[0] &* low &+ factors[1] &* high &+ factors[2]
    return UInt64(truncatingIfNeeded: mixed &>> 64)
  }
}

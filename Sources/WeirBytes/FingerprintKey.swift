// Safety: `words` and `factors` are allocated and initialised for `wordCount` and `factorCount`
// elements and freed once, in `deinit`. A precondition holds every fingerprint to `bytesMax` bytes,
// which fill no more blocks than there are words for, and to ranges that lie in the span.

/// A 128-bit hash under a secret key, sure enough to stand for the bytes themselves.
@usableFromInline
package struct Fingerprint: Equatable, Sendable, BitwiseCopyable {
  @usableFromInline package let low: UInt64
  @usableFromInline package let high: UInt64

  @inlinable
  package init(low: UInt64, high: UInt64) {
    self.low = low
    self.high = high
  }

  /// What stands in for the fingerprint of something too long to have one.
  @inlinable package static var none: Fingerprint { Fingerprint(low: 0, high: 0) }
}

/// The secret under which two strings of bytes and a number get their fingerprint.
///
/// Two lanes, each NH (Black, Halevi, Krawczyk, Krovetz and Rogaway, "UMAC", 1999) over blocks of two
/// words, the second with the key moved on by one block; each lane's 128 bits then become 64 by
/// multiply-shift (Dietzfelbinger, 1996). The first block holds the number and both lengths, and so
/// different inputs are different blocks.
///
/// Two inputs that were chosen without knowledge of the key have the same fingerprint with a
/// probability of at most 2⁻¹²⁶: see `docs/decisions/0013-a-fingerprint-for-an-identity.md`.
@usableFromInline
@safe
package struct FingerprintKey: ~Copyable {
  /// Bytes of both strings together: with a block for the lengths, and one more where both strings
  /// end within a block, they fill 64.
  @inlinable package static var bytesMax: Int { 16 * 62 }

  /// Two for each block, and two more for the second lane's last.
  private static let wordCount = 2 * 65
  /// Three for each lane.
  private static let factorCount = 6

  @usableFromInline let words: UnsafeMutablePointer<UInt64>
  @usableFromInline let factors: UnsafeMutablePointer<UInt128>

  /// A key that `generator` draws.
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

  /// The fingerprint of `number` and the bytes in two places.
  ///
  /// - Precondition: `number` is below 2¹⁶, both ranges lie in `bytes`, and they hold at most
  ///   `bytesMax` bytes.
  /// - Complexity: O(bytes), sixteen a step.
  @inlinable
  @inline(__always)
  package func fingerprint(
    of number: Int, _ start: Int, _ length: Int, _ otherStart: Int, _ otherLength: Int,
    in bytes: Span<UInt8>
  ) -> Fingerprint {
    precondition(
      start >= 0 && length >= 0 && start <= bytes.count &- length && otherStart >= 0
        && otherLength >= 0 && otherStart <= bytes.count &- otherLength
        && length &+ otherLength <= FingerprintKey.bytesMax)
    var lanes = LaneSums()
    let head = UInt64(truncatingIfNeeded: length &<< 32 | otherLength &<< 16 | number)
    add(head, 0, &lanes)
    addString(bytes, start, length, &lanes)
    addString(bytes, otherStart, otherLength, &lanes)
    return unsafe Fingerprint(
      low: multiplyShift(lanes.first, factors), high: multiplyShift(lanes.second, factors + 3))
  }

  @inlinable
  @inline(__always)
  func addString(_ bytes: Span<UInt8>, _ start: Int, _ length: Int, _ lanes: inout LaneSums) {
    guard length >= 16 else {
      let block = FingerprintKey.short(bytes, start, length)
      return add(block.low, block.high, &lanes)
    }
    let last = start &+ length &- 16
    var index = start
    while index < last {
      addBlock(bytes, index, &lanes)
      index &+= 16
    }
    // It may take bytes that the one before took as well: the lengths are known, so different
    // strings are different blocks all the same.
    addBlock(bytes, last, &lanes)
  }

  @inlinable
  @inline(__always)
  func addBlock(_ bytes: Span<UInt8>, _ index: Int, _ lanes: inout LaneSums) {
    add(bytes.vouchedWord(at: index), bytes.vouchedWord(at: index &+ 8), &lanes)
  }

  /// Fewer bytes than a block, filled up with zeros.
  @inlinable
  @inline(__always)
  static func short(
    _ bytes: Span<UInt8>, _ start: Int, _ length: Int
  ) -> (low: UInt64, high: UInt64) {
    if length >= 8 {
      return (bytes.vouchedWord(at: start), bytes.vouchedWord(at: start &+ length &- 8))
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
  func add(_ low: UInt64, _ high: UInt64, _ lanes: inout LaneSums) {
    let key = unsafe words + lanes.words
    unsafe lanes.first &+= UInt128(low &+ key[0]) &* UInt128(high &+ key[1])
    unsafe lanes.second &+= UInt128(low &+ key[2]) &* UInt128(high &+ key[3])
    lanes.words &+= 2
  }

  /// The sums of both lanes, and how many words of the key have been used.
  @usableFromInline
  struct LaneSums {
    @usableFromInline var first: UInt128 = 0
    @usableFromInline var second: UInt128 = 0
    @usableFromInline var words = 0

    @inlinable init() {}
  }

  /// A strongly universal hash of 128 bits to 64.
  @inlinable
  @inline(__always)
  func multiplyShift(_ sum: UInt128, _ factors: UnsafeMutablePointer<UInt128>) -> UInt64 {
    let low = UInt128(UInt64(truncatingIfNeeded: sum))
    let high = UInt128(UInt64(truncatingIfNeeded: sum &>> 64))
    let mixed = unsafe factors[0] &* low &+ factors[1] &* high &+ factors[2]
    return UInt64(truncatingIfNeeded: mixed &>> 64)
  }
}

/// A fast 64-bit hash under a secret key, for tables whose keys a stranger chooses.
///
/// Sixteen bytes a step go through one 64×64→128-bit multiplication whose halves are folded
/// together, after the manner of wyhash (Wang Yi, 2019). It is no cryptographic hash: the key, which
/// is drawn at random for each process, is what keeps a sender from choosing collisions.
@usableFromInline
package struct KeyedHash: Sendable {
  @usableFromInline let first: UInt64
  @usableFromInline let second: UInt64

  /// A hash with a given key, the same in every process.
  ///
  /// The halves should look random: where they are each other's complement, or equal, every input
  /// has the same hash.
  @inlinable
  package init(key first: UInt64, _ second: UInt64) {
    self.first = first
    self.second = second
  }

  /// A hash with a key of its own.
  package static func random(using generator: inout some RandomNumberGenerator) -> KeyedHash {
    KeyedHash(key: generator.next(), generator.next())
  }

  /// The hash of `bytes[start..<start + length]`, chained to `state`.
  ///
  /// - Complexity: O(`length`), sixteen bytes a step.
  @inlinable
  package func hash(
    _ bytes: Span<UInt8>, from start: Int, length: Int, state: UInt64 = 0
  ) -> UInt64 {
    precondition(start >= 0 && length >= 0 && start <= bytes.count &- length)
    var state = state ^ first
    var index = start
    var left = length
    while left > 16 {
      state = KeyedHash.fold(
        bytes.vouchedWord(at: index) ^ second, bytes.vouchedWord(at: index &+ 8) ^ state)
      index &+= 16
      left &-= 16
    }
    let low: UInt64
    let high: UInt64
    if left >= 8 {
      low = bytes.vouchedWord(at: index)
      high = bytes.vouchedWord(at: index &+ left &- 8)
    } else if left >= 4 {
      low = UInt64(bytes.halfWord(at: index))
      high = UInt64(bytes.halfWord(at: index &+ left &- 4))
    } else if left > 0 {
      low =
        UInt64(bytes[index]) << 16 | UInt64(bytes[index &+ left &>> 1]) << 8
        | UInt64(bytes[index &+ left &- 1])
      high = 0
    } else {
      low = 0
      high = 0
    }
    state = KeyedHash.fold(low ^ second, high ^ state)
    return KeyedHash.fold(state ^ UInt64(truncatingIfNeeded: length), second ^ first)
  }

  @inlinable
  static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }
}

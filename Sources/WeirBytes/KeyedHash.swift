/// A fast 64-bit keyed hash, for hash tables whose keys come from the network.
///
/// Each step takes sixteen bytes through a 64×64→128-bit multiplication and XORs the two halves of
/// the product, like wyhash (Wang Yi, 2019). It is not a cryptographic hash. The key is random for
/// each process, which prevents senders from choosing collisions.
@usableFromInline
package struct KeyedHash: Sendable {
  @usableFromInline let first: UInt64
  @usableFromInline let second: UInt64

  /// A hash with a fixed key. Both halves should be random: if they are equal or complements of
  /// each other, all inputs have the same hash.
  @inlinable
  package init(firstKey first: UInt64, secondKey second: UInt64) {
    self.first = first
    self.second = second
  }

  /// A hash with a random key.
  package static func random(using generator: inout some RandomNumberGenerator) -> KeyedHash {
    KeyedHash(firstKey: generator.next(), secondKey: generator.next())
  }

  /// The hash of `bytes[start..<start + length]`. To hash several parts, pass the hash of the part
  /// before as `state`.
  ///
  /// - Precondition: `start..<start + length` is in `bytes`.
  /// - Complexity: O(`length`), sixteen bytes per step.
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
        bytes.uncheckedWord(at: index) ^ second, bytes.uncheckedWord(at: index &+ 8) ^ state)
      index &+= 16
      left &-= 16
    }
    let low: UInt64
    let high: UInt64
    if left >= 8 {
      low = bytes.uncheckedWord(at: index)
      high = bytes.uncheckedWord(at: index &+ left &- 8)
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

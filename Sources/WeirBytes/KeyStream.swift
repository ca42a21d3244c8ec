/// Secret random numbers, the same from every copy: so several threads have one key each, and all the
/// same.
///
/// SplitMix64 (Steele, Lea and Flood, 2014) from two random words. It hides its state from nobody who
/// sees what it gives; a key shows nothing of itself.
package struct KeyStream: RandomNumberGenerator, Sendable {
  private var state: UInt64
  /// A random word of its own, for whoever needs but one.
  package let salt: UInt64

  package init() {
    var generator = SystemRandomNumberGenerator()
    state = generator.next()
    salt = generator.next()
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return KeyedHash.mixed(state) ^ salt
  }
}

extension KeyedHash {
  /// A word with all its bits stirred (the finaliser of SplitMix64).
  package static func mixed(_ word: UInt64) -> UInt64 {
    var word = word
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }
}

/// A random seed for keys. All copies produce the same numbers, so each thread can make its own
/// copy of the same key.
///
/// SplitMix64 (Steele, Lea and Flood, 2014) seeded with two random words. Its output reveals its
/// state, so use it only for what is never shown: keys, and which lines are sampled.
package struct KeyStream: RandomNumberGenerator, Sendable {
  package private(set) var state: UInt64
  /// A random word, for users that need only one.
  package let salt: UInt64

  package init() {
    var generator = SystemRandomNumberGenerator()
    state = generator.next()
    salt = generator.next()
  }

  /// The same stream again, from the state that it had and its salt.
  package init(state: UInt64, salt: UInt64) {
    self.state = state
    self.salt = salt
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return KeyedHash.mixed(state) ^ salt
  }
}

extension KeyedHash {
  /// Mixes the bits of a word (the finaliser of SplitMix64).
  package static func mixed(_ word: UInt64) -> UInt64 {
    var word = word
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }
}

import TestSupport
import Testing
import WeirBytes

@Suite("A keyed hash")
struct KeyedHashTests {
  private let hash = KeyedHash(firstKey: 0x9216_D5D9_8979_FB1B, secondKey: 0xD131_0BA6_98DF_B5AC)

  private func digest(_ bytes: [UInt8], _ hash: KeyedHash, state: UInt64 = 0) -> UInt64 {
    hash.hash(bytes.span, from: 0, length: bytes.count, state: state)
  }

  @Test("depends only on the bytes in its range, not on their position")
  func rangeOnly() {
    var generator = SeededGenerator(seed: 31)
    for length in 0...70 {
      let key = generator.bytes(count: length)
      let alone = digest(key, hash)
      for before in [0, 1, 7, 8, 13] {
        // The range ends at the end of the array, so nothing may be read after it.
        let atEnd = generator.bytes(count: before) + key
        let lastDigest = hash.hash(atEnd.span, from: before, length: length)
        #expect(lastDigest == alone)
        let amid = atEnd + generator.bytes(count: 9)
        let amidDigest = hash.hash(amid.span, from: before, length: length)
        #expect(amidDigest == alone)
      }
    }
  }

  @Test("depends on each bit, both halves of the key and the initial state")
  func sensitivity() {
    var generator = SeededGenerator(seed: 32)
    for length in 1...70 {
      let key = generator.bytes(count: length)
      let alone = digest(key, hash)
      #expect(
        digest(key, KeyedHash(firstKey: 0x9216_D5D9_8979_FB1C, secondKey: 0xD131_0BA6_98DF_B5AC))
          != alone)
      #expect(
        digest(key, KeyedHash(firstKey: 0x9216_D5D9_8979_FB1B, secondKey: 0xD131_0BA6_98DF_B5AD))
          != alone)
      #expect(digest(key, hash, state: 1) != alone)
      for index in key.indices {
        for bit in 0..<8 {
          var other = key
          other[index] ^= 1 << UInt8(bit)
          if digest(other, hash) == alone { Issue.record("bit \(bit) of byte \(index) in \(key)") }
        }
      }
    }
  }

  @Test("differs for runs of one byte of every length")
  func lengths() {
    for byte in [0x00, 0x61, 0xFF] as [UInt8] {
      let digests = (0...200).map { digest([UInt8](repeating: byte, count: $0), hash) }
      #expect(Set(digests).count == digests.count)
    }
  }

  @Test("of two parts depends on where they are divided, and on their order")
  func chaining() {
    let text = Array("metric_name_and_its_tags".utf8)
    var digests: Set<UInt64> = []
    for middle in 0...text.count {
      let first = digest(Array(text[..<middle]), hash)
      digests.insert(digest(Array(text[middle...]), hash, state: first))
      if middle > 0, middle < text.count {
        let last = digest(Array(text[middle...]), hash)
        digests.insert(digest(Array(text[..<middle]), hash, state: last))
      }
    }
    #expect(digests.count == 2 * text.count)
  }

  @Test("of names that differ in a number is evenly distributed in low and high bits")
  func spread() {
    let count = 65_536
    var all: Set<UInt64> = []
    var low = [Int](repeating: 0, count: 256)
    var high = [Int](repeating: 0, count: 256)
    for number in 0..<count {
      let digest = digest(Array("route:r\(100_000 + number)".utf8), hash)
      all.insert(digest)
      low[Int(digest & 255)] += 1
      high[Int(digest >> 32 & 255)] += 1
    }
    #expect(all.count == count)
    for counts in [low, high] {
      let expected = Double(count) / 256
      let chiSquared = counts.reduce(0.0) {
        $0 + (Double($1) - expected) * (Double($1) - expected) / expected
      }
      // 255 degrees of freedom: the mean is 255, plus or minus five standard deviations of 22.6.
      #expect((142...368).contains(chiSquared))
    }
  }

  @Test("with a random key differs from one with another random key")
  func random() {
    var generator = SeededGenerator(seed: 33)
    let first = KeyedHash.random(using: &generator)
    let second = KeyedHash.random(using: &generator)
    #expect(digest([1, 2, 3], first) != digest([1, 2, 3], second))
  }
}

import TestSupport
import Testing

@testable import WeirBytes

@Suite("CRC-32C")
struct CRC32CTests {
  struct Case: Sendable {
    let bytes: [UInt8]
    let sum: UInt32
  }

  /// RFC 3720, appendix B.4, and the check value of the digits 1 to 9.
  static let cases = [
    Case(bytes: [UInt8](repeating: 0, count: 32), sum: 0x8A91_36AA),
    Case(bytes: [UInt8](repeating: 0xFF, count: 32), sum: 0x62A8_AB43),
    Case(bytes: (0..<32).map { UInt8($0) }, sum: 0x46DD_794E),
    Case(bytes: (0..<32).reversed().map { UInt8($0) }, sum: 0x113F_DB5C),
    Case(bytes: Array("123456789".utf8), sum: 0xE306_9283),
    Case(bytes: [], sum: 0),
  ]

  @Test(
    "has the sums of the specification, with the processor's instruction and without",
    arguments: cases)
  func specification(_ known: Case) {
    var (fast, portable) = (CRC32C(), CRC32C())
    fast.add(known.bytes.span)
    portable.addPortably(known.bytes.span)
    #expect(fast.value == known.sum)
    #expect(portable.value == known.sum)
    #expect(naive(known.bytes) == known.sum)
  }

  @Test("does not depend on how the bytes are divided")
  func parts() {
    var generator = SeededGenerator(seed: 12)
    for length in Array(0...40) + [1_000, 4_099] {
      let bytes = generator.bytes(count: length)
      let expected = naive(bytes)
      for _ in 0..<8 {
        var (fast, portable) = (CRC32C(), CRC32C())
        var start = 0
        while start < length {
          let end = Int.random(in: start...min(length, start + 50), using: &generator)
          fast.add(bytes.span.extracting(start..<end))
          portable.addPortably(bytes.span.extracting(start..<end))
          start = end
        }
        #expect(fast.value == expected)
        #expect(portable.value == expected)
      }
    }
  }

  /// A bit at a time, from the definition.
  private func naive(_ bytes: [UInt8]) -> UInt32 {
    var sum: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      for bit in 0..<8 {
        let isOdd = (sum ^ UInt32(byte) >> UInt32(bit)) & 1 == 1
        sum = isOdd ? sum >> 1 ^ 0x82F6_3B78 : sum >> 1
      }
    }
    return sum ^ 0xFFFF_FFFF
  }
}

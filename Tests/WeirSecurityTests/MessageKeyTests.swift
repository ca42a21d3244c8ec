import Testing
import WeirSecurity

@Suite("Message keys")
struct MessageKeyTests {
  private static func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = Array(hexadecimal)
    return stride(from: 0, to: digits.count, by: 2).map {
      UInt8(String(digits[$0...$0 + 1]), radix: 16) ?? 0
    }
  }

  /// Test cases 1, 2, 3, 5 and 6 of RFC 4231; the first 16 bytes of each result.
  static let cases: [(key: [UInt8], message: [UInt8], tag: String)] = [
    (
      [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
      "b0344c61d8db38535ca8afceaf0bf12b"
    ),
    (
      Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
      "5bdcc146bf60754e6a042426089575c7"
    ),
    (
      [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
      "773ea91e36800e46854db8ebd09181a7"
    ),
    (
      [UInt8](repeating: 0x0C, count: 20), Array("Test With Truncation".utf8),
      "a3b6167473100ee06e0c796c2955552b"
    ),
    (
      [UInt8](repeating: 0xAA, count: 131),
      Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
      "60e431591ee0b67f0d8a26aacbf5b77f"
    ),
    // Not from the RFC, but computed by another program: a secret as long as a block of SHA-256,
    // which is used as it is, and one that is a byte longer, which is hashed.
    (
      Array(0..<64), Array("a secret as long as a block".utf8),
      "d7cf258e9f05270ab7aae58e175e4eb4"
    ),
    (
      Array(0..<65), Array("a secret as long as a block".utf8),
      "79024d364c01833eb0f0bfcca635e502"
    ),
  ]

  @Test("make and verify the tags of RFC 4231", arguments: cases)
  func vectors(key: [UInt8], message: [UInt8], tag: String) {
    let key = MessageKey(secret: key)
    let expected = MessageKeyTests.bytes(tag)
    #expect(key.tag(of: message.span, in: 0..<message.count) == expected)
    // With other bytes before and after it.
    let around = [1, 2] + message + expected + [3]
    let isVerified = key.verifies(around.span, in: 2..<2 + message.count)
    #expect(isVerified)
  }

  @Test("do not verify a changed message or a truncated tag")
  func changes() {
    let key = MessageKey(secret: [UInt8](repeating: 7, count: 32))
    let message = Array("a frame".utf8)
    let whole = message + (key.tag(of: message.span, in: 0..<message.count) ?? [])
    for index in whole.indices {
      var changed = whole
      changed[index] ^= 1
      let isVerified = key.verifies(changed.span, in: 0..<message.count)
      #expect(!isVerified)
    }
    let short = Array(whole.dropLast())
    let isVerified = key.verifies(short.span, in: 0..<message.count)
    #expect(!isVerified)
  }
}

import TestSupport
import Testing

@testable import WeirHTTP

@Suite("Unpacking gzip")
struct InflaterTests {
  private func packed(_ bytes: [UInt8], level: Int32 = 6) throws -> [UInt8] {
    var output: [UInt8] = []
    #expect(try #require(Deflater(level: level)).compress(bytes, isLast: true, onto: &output))
    return output
  }

  @Test(
    "gives back what was packed, of any length and in any number of members",
    arguments: [0, 1, 100, 65_535, 65_536, 65_537, 200_000])
  func roundTrip(count: Int) throws {
    var generator = SeededGenerator(seed: UInt64(count))
    let random = generator.bytes(count: count)
    let regular = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 300) }
    for bytes in [random, regular] {
      let once = try packed(bytes)
      #expect(try Inflater.unpack(once, bytesMax: count) == bytes)
      #expect(try Inflater.unpack(once + once, bytesMax: 2 * count) == bytes + bytes)
      let empty = try packed([])
      #expect(try Inflater.unpack(empty + once + empty, bytesMax: count) == bytes)
    }
  }

  @Test("stops at the limit, however much a few bytes stand for")
  func bomb() throws {
    let bomb = try packed([UInt8](repeating: 0, count: 20_000_000))
    #expect(bomb.count < 30_000)
    #expect(throws: Inflater.Failure.tooLong) { try Inflater.unpack(bomb, bytesMax: 1_000_000) }
    #expect(try Inflater.unpack(bomb, bytesMax: 20_000_000).count == 20_000_000)
    #expect(throws: Inflater.Failure.tooLong) {
      try Inflater.unpack(bomb, bytesMax: 19_999_999)
    }
  }

  @Test("refuses what is cut off anywhere")
  func cut() throws {
    var generator = SeededGenerator(seed: 1)
    let bytes = try packed(generator.bytes(count: 300))
    for end in 0..<bytes.count {
      #expect(throws: Inflater.Failure.cutOff) {
        try Inflater.unpack(Array(bytes[..<end]), bytesMax: 1_000)
      }
    }
  }

  @Test("refuses or unpacks changed bytes, and nothing else happens", arguments: 1...4)
  func mutations(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    let original = Array(String(repeating: "a.b:1|c|#k:v\n", count: 40).utf8)
    let bytes = try packed(original)
    for _ in 0..<2_000 {
      var changed = bytes
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        changed[Int.random(in: changed.indices, using: &generator)] = UInt8.random(
          in: 0...255, using: &generator)
      }
      let unpacked = try? Inflater.unpack(changed, bytesMax: 10_000)
      // The check sum leaves only what the header may say differently.
      if let unpacked { #expect(unpacked == original) }
    }
  }

  @Test("refuses what is not gzip, and what follows it")
  func malformed() throws {
    let text = Array("a:1|c\n".utf8)
    #expect(throws: Inflater.Failure.malformed) { try Inflater.unpack(text, bytesMax: 100) }
    let bytes = try packed(text)
    #expect(throws: Inflater.Failure.malformed) {
      try Inflater.unpack(bytes + text, bytesMax: 100)
    }
  }
}

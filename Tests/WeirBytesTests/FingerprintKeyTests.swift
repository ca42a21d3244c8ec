import TestSupport
import Testing

@testable import WeirBytes

@Suite("A fingerprint")
struct FingerprintKeyTests {
  /// The input of a fingerprint.
  private struct Input: Hashable {
    var number = 0
    var first: [UInt8] = []
    var second: [UInt8] = []
  }

  private let seed: UInt64 = 41

  private func key(_ seed: UInt64 = 41) -> FingerprintKey {
    var generator = SeededGenerator(seed: seed)
    return FingerprintKey(from: &generator)
  }

  private func fingerprint(
    _ input: Input, _ key: borrowing FingerprintKey, before: [UInt8] = [], between: [UInt8] = [],
    after: [UInt8] = []
  ) -> Fingerprint {
    let bytes = before + input.first + between + input.second + after
    let first = before.count..<before.count + input.first.count
    let second = first.upperBound + between.count
    return key.fingerprint(
      number: input.number, first: first, second: second..<second + input.second.count,
      in: bytes.span)
  }

  /// A direct implementation of the definition: NH in two lanes, then multiply-shift.
  private func expected(_ input: Input, _ key: borrowing FingerprintKey) -> Fingerprint {
    var blocks: [[UInt64]] = [
      [
        UInt64(input.first.count) << 32 | UInt64(input.second.count) << 16 | UInt64(input.number),
        0,
      ]
    ]
    func word(_ bytes: some Sequence<UInt8>) -> UInt64 {
      bytes.enumerated().reduce(0) { $0 | UInt64($1.element) << UInt64(8 * $1.offset) }
    }
    for string in [input.first, input.second] {
      guard string.count >= 16 else {
        switch string.count {
        case 0: blocks.append([0, 0])
        case 1..<4:
          let middle = UInt64(string[string.count / 2]) << 8
          blocks.append([UInt64(string[0]) << 16 | middle | UInt64(string.last!), 0])
        case 4..<8: blocks.append([word(string.prefix(4)), word(string.suffix(4))])
        default: blocks.append([word(string.prefix(8)), word(string.suffix(8))])
        }
        continue
      }
      let starts = Array(stride(from: 0, to: string.count - 16, by: 16)) + [string.count - 16]
      for start in starts {
        blocks.append([word(string[start..<start + 8]), word(string[start + 8..<start + 16])])
      }
    }
    var words: [UInt64] = []
    for lane in 0..<2 {
      var sum: UInt128 = 0
      for (index, block) in blocks.enumerated() {
        let place = 2 * (index + lane)
        let left = unsafe block[0] &+ key.words[place]
        let right = unsafe block[1] &+ key.words[place + 1]
        sum &+= UInt128(left) * UInt128(right)
      }
      let factors = (0..<3).map { unsafe key.factors[3 * lane + $0] }
      let mixed =
        factors[0] &* (sum & UInt128(UInt64.max)) &+ factors[1] &* (sum >> 64) &+ factors[2]
      words.append(UInt64(mixed >> 64))
    }
    return Fingerprint(low: words[0], high: words[1])
  }

  @Test("equals its definition for every length of both strings", arguments: 0..<70)
  func definition(length: Int) {
    var generator = SeededGenerator(seed: UInt64(length))
    let key = key()
    for other in 0..<70 {
      let input = Input(
        number: other % 4, first: generator.bytes(count: length),
        second: generator.bytes(count: other))
      #expect(fingerprint(input, key) == expected(input, key))
    }
  }

  @Test("can have up to bytesMax bytes", arguments: [0, 1, 17, 496, 975, 976, 991, 992])
  func longest(length: Int) {
    var generator = SeededGenerator(seed: UInt64(length))
    let key = key()
    let input = Input(
      number: 3, first: generator.bytes(count: length),
      second: generator.bytes(count: FingerprintKey.bytesMax - length))
    #expect(fingerprint(input, key) == expected(input, key))
  }

  @Test("depends only on the bytes of both strings, not on their position")
  func rangesOnly() {
    var generator = SeededGenerator(seed: seed)
    let key = key()
    for length in 0...70 {
      let input = Input(
        first: generator.bytes(count: length), second: generator.bytes(count: 70 - length))
      let alone = fingerprint(input, key)
      for count in [1, 7, 8, 13, 16] {
        let amid = fingerprint(
          input, key, before: generator.bytes(count: count), between: generator.bytes(count: 3),
          after: generator.bytes(count: count))
        #expect(amid == alone)
      }
    }
  }

  @Test("differs in each half for a different bit, length, number or key")
  func sensitivity() {
    var generator = SeededGenerator(seed: seed)
    let key = key()
    let otherKey = self.key(seed + 1)
    for length in 0...70 {
      let input = Input(
        number: 2, first: generator.bytes(count: length), second: generator.bytes(count: 40))
      let alone = fingerprint(input, key)
      func check(_ other: Input, _ what: @autoclosure () -> String) {
        let fingerprint = fingerprint(other, key)
        if fingerprint.low == alone.low || fingerprint.high == alone.high {
          Issue.record("\(what()) of \(input)")
        }
      }
      for bit in 0..<(8 * length) {
        var other = input
        other.first[bit / 8] ^= 1 << UInt8(bit % 8)
        check(other, "bit \(bit)")
      }
      check(Input(number: 1, first: input.first, second: input.second), "the number")
      check(Input(number: 2, first: input.first + [0], second: input.second), "a zero more")
      check(Input(number: 2, first: input.first, second: input.second + [0]), "a zero more")
      if length != 40 {
        check(Input(number: 2, first: input.second, second: input.first), "the order")
      }
      if length > 0 {
        let moved = Input(
          number: 2, first: input.first.dropLast(), second: [input.first.last!] + input.second)
        check(moved, "the division into strings")
      }
      #expect(fingerprint(input, otherKey) != alone)
    }
  }

  @Test("differs for runs of one byte of every length, and for consecutive numbers")
  func regular() {
    let key = key()
    var inputs: Set<Input> = []
    for byte in [0x00, 0x61, 0xFF] as [UInt8] {
      for length in 0...400 {
        let run = [UInt8](repeating: byte, count: length)
        inputs.insert(Input(first: run))
        inputs.insert(Input(second: run))
      }
    }
    for number in 0..<100_000 {
      inputs.insert(Input(first: Array("route".utf8), second: Array("r:r\(number)".utf8)))
    }
    let fingerprints = inputs.map { fingerprint($0, key) }
    #expect(Set(fingerprints.map(\.low)).count == inputs.count)
    #expect(Set(fingerprints.map(\.high)).count == inputs.count)
  }

  @Test("of consecutive numbers is evenly distributed, in the bits for segment and bucket")
  func spread() {
    let key = key()
    let count = 65_536
    var high = [Int](repeating: 0, count: 64)
    var low = [Int](repeating: 0, count: 64)
    for number in 0..<count {
      let input = Input(first: Array("name".utf8), second: Array("route:r\(number)".utf8))
      let fingerprint = fingerprint(input, key)
      high[Int(fingerprint.low >> 58)] += 1
      low[Int(fingerprint.low >> 26 & 63)] += 1
    }
    for counts in [high, low] {
      let expected = Double(count) / 64
      let chiSquared = counts.reduce(0.0) {
        $0 + (Double($1) - expected) * (Double($1) - expected) / expected
      }
      // 63 degrees of freedom: the mean is 63, plus five standard deviations of 11.2.
      #expect(chiSquared < 120)
    }
  }
}

import Testing
import WeirBytes

@testable import WeirState

struct StateBlocksTests {
  @Test func `a block has its type, its length, its check sum and its payload`() {
    var blocks = StateBlocks()
    blocks.append(.key) { $0.append(0x2A as UInt8) }
    #expect(blocks.bytes.count == StateFormat.blockHeadBytes + 1)
    #expect(blocks.bytes.prefix(8) == [3, 0, 0, 0, 1, 0, 0, 0])
    #expect(blocks.bytes.last == 0x2A)
  }
}

struct CRC32CTests {
  struct Case {
    let bytes: [UInt8]
    let sum: UInt32
  }

  /// RFC 3720, appendix B.4.
  static let cases = [
    Case(bytes: [UInt8](repeating: 0, count: 32), sum: 0x8A91_36AA),
    Case(bytes: [UInt8](repeating: 0xFF, count: 32), sum: 0x62A8_AB43),
    Case(bytes: (0..<32).map { UInt8($0) }, sum: 0x46DD_794E),
  ]

  @Test(arguments: cases) func `the sums of the specification`(_ known: Case) {
    var crc = CRC32C()
    crc.add(known.bytes.span)
    #expect(crc.value == known.sum)
  }
}

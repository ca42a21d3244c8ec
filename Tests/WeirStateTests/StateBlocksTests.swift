import Testing
import WeirBytes

@testable import WeirState

struct StateBlocksTests {
  @Test func `a block has its type, its length, its check sum and its payload`() {
    var blocks = StateBlocks()
    blocks.append(.key) { $0.append(0x2A) }
    #expect(blocks.bytes.count == StateFormat.blockHeadBytes + 1)
    #expect(blocks.bytes.prefix(8) == [3, 0, 0, 0, 1, 0, 0, 0])
    #expect(blocks.bytes.last == 0x2A)
  }
}

struct CRC32CTests {
  /// RFC 3720, appendix B.4.
  @Test(arguments: [
    ([UInt8](repeating: 0, count: 32), 0x8A91_36AA as UInt32),
    ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
    ((0..<32).map { UInt8($0) }, 0x46DD_794E),
  ])
  func `the sums of the specification`(bytes: [UInt8], sum: UInt32) {
    var crc = CRC32C()
    crc.add(bytes.span)
    #expect(crc.value == sum)
  }
}

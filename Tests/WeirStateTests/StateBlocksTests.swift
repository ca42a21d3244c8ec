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

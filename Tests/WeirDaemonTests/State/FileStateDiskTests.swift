import Foundation
import TestSupport
import Testing
import WeirBytes
import WeirState

@testable import WeirDaemon

@Suite("The disk of a state file")
struct FileStateDiskTests {
  private let temporary: Folder
  private var folder: URL { temporary.url }

  init() throws { temporary = try Folder() }

  private func blocks(_ number: UInt8) -> [UInt8] {
    var blocks = StateBlocks()
    blocks.append(.values) { $0.append([number]) }
    return blocks.bytes
  }

  private var groups: Int {
    get throws {
      let bytes = try StateDirectory.read(folder.path) ?? []
      return StateScan(bytes.span).groupCount
    }
  }

  @Test("appends to the published file until it is closed, and never to another")
  func closed() throws {
    let disk = FileStateDisk(try StateDirectory.open(folder.path))
    #expect(throws: StateError.self) { try disk.commit(blocks(1)) }
    #expect(throws: StateError.self) { try disk.appendNext(blocks(1)) }
    #expect(throws: StateError.self) { try disk.syncNext() }
    #expect(throws: StateError.self) { try disk.publishNext() }
    try disk.beginNext()
    try disk.appendNext(blocks(1))
    #expect(disk.hasNext && disk.nextBytes > 0 && disk.fileBytes == 0)
    try disk.publishNext()
    #expect(!disk.hasNext && disk.nextBytes == 0)
    try disk.commit(blocks(2))
    #expect(try groups == 2)
    #expect(try disk.fileBytes == StateDirectory.read(folder.path)?.count)
    try disk.beginNext()
    disk.close()
    #expect(disk.fileBytes == 0 && !disk.hasNext)
    #expect(throws: StateError.self) { try disk.commit(blocks(3)) }
    #expect(try groups == 2)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        == ["weir.state", "weir.state.lock"])
  }
}

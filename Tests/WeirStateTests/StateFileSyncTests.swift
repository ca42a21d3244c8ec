import Glibc
import TestSupport
import Testing
import WeirBytes

@testable import WeirState

@Suite("What of a state file is on disk, and when")
struct StateFileSyncTests {
  private func blocks(_ payload: [UInt8]) -> [UInt8] {
    var blocks = StateBlocks()
    blocks.append(.values) { $0.append(payload) }
    return blocks.bytes
  }

  @Test("has its name only when all of it is on disk, and then the folder is written, too")
  func order() throws {
    let folder = try Folder()
    let system = FaultySystem()
    let directory = try StateDirectory.open(folder.path, system: system)
    var file = try StateFile.create(in: directory, number: 1)
    try file.append(blocks([1]))
    system.arm()
    try file.sync()
    try file.commit()
    try file.publish()
    try file.append(blocks([2]))
    try file.commit()
    #expect(
      system.journal == [
        "sync data", "sync data", "sync file", "rename", "sync folder", "sync data",
      ])
  }

  @Test("is no state file for a crash as long as the folder is not written")
  func folderFails() throws {
    let folder = try Folder()
    let system = FaultySystem { call, before in call == .sync && before == 1 ? .errno(EIO) : nil }
    let directory = try StateDirectory.open(folder.path, system: system)
    var file = try StateFile.create(in: directory, number: 1)
    try file.commit()
    system.arm()
    let error = #expect(throws: StateError.self) { try publish(&file) }
    #expect(
      error?.description
        == "\(folder.path): writing the directory to disk failed: Input/output error (errno 5); the "
        + "disk or its connection is faulty; look at the kernel's log")
    // It may be there, so that it is the state file that has to be removed.
    #expect(file.path == "\(folder.path)/weir.state")
    #expect(#expect(throws: StateError.self) { try commit(&file) } != nil)
  }

  private func publish(_ file: inout StateFile) throws(StateError) { try file.publish() }

  private func commit(_ file: inout StateFile) throws(StateError) { try file.commit() }
}

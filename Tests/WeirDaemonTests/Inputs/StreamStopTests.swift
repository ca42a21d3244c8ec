import Glibc
import TestSupport
import Testing
import WeirSockets

@testable import WeirDaemon

@Suite("A stream receiver that has stopped")
struct StreamStopTests {
  @Test("refuses connections after a stop, except at a socket that was handed over")
  func refusing() async throws {
    let folder = try Folder()
    let path = try #require(UnixPath("\(folder.path)/weir.sock"))
    for harness in [try StreamHarness(path: path), try StreamHarness()] {
      await harness.receiver.start()
      await harness.receiver.stop()
      #expect(throws: TestServer.NoServer.self) { _ = try harness.connect() }
    }
    let harness = try StreamHarness(isShared: true)
    await harness.receiver.start()
    await harness.receiver.stop()
    // The next process will accept it.
    close(try harness.connect())
  }
}

import Testing

@testable import WeirDaemon

@Suite("What is forwarded and the state on disk")
struct ForwardStateTests {
  @Test(
    "Frames are sent after a commit, and where no state is left that a restart could go on from")
  func sends() async throws {
    let harness = try KeeperHarness { $0.retryMin = .seconds(3_600) }
    let state = ForwardState(harness.keeper)
    #expect(state.isKept)
    let counted = harness.count.add()
    #expect(await state.commit() == .send)
    #expect(harness.disk.published == counted)
    harness.disk.fail(.commit, "no space left on device")
    #expect(await state.commit() == .send)
    #expect(harness.disk.published == nil)
  }

  @Test(
    "They are held while an old state is left, also if scrapes are served",
    arguments: [false, true])
  func holds(serves: Bool) async throws {
    let harness = try KeeperHarness(serves: serves) { $0.retryMin = .seconds(3_600) }
    harness.disk.fail(.commit, "read-only file system")
    harness.disk.fail(.remove, "read-only file system")
    #expect(await ForwardState(harness.keeper).commit() == .hold)
  }

  @Test("Without a state they are sent, and the instance ends with Weir")
  func without() async {
    #expect(!ForwardState().isKept)
    #expect(await ForwardState().commit() == .send)
  }
}

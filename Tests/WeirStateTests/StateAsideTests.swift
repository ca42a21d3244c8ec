import Foundation
import TestSupport
import Testing

@testable import WeirState

@Suite("A state file that is put aside")
struct StateAsideTests {
  /// 2026-11-26 06:24:38.
  private let time = 1_795_674_278

  @Test("is named after the reason and the time")
  func names() throws {
    let folder = try Folder()
    let directory = try StateDirectory.open(folder.path)
    let cases: [(StateDirectory.Reason, String)] = [
      (.damaged, "weir.state.damaged-20261126T062438Z"),
      (.newer(version: 2), "weir.state.version-2-20261126T062438Z"),
      (.foreign, "weir.state.foreign-20261126T062438Z"),
      (.unused, "weir.state.unused-20261126T062438Z"),
    ]
    for (index, (reason, name)) in cases.enumerated() {
      folder.write("weir.state", [UInt8(index)])
      #expect(try directory.setAside(reason, at: time) == "\(folder.path)/\(name)")
      #expect(folder.bytes(name) == [UInt8(index)])
      #expect(folder.bytes("weir.state") == nil)
    }
  }

  @Test("never replaces another, and of damaged ones three are kept")
  func keeping() throws {
    let folder = try Folder()
    let directory = try StateDirectory.open(folder.path)
    let others = [
      "weir.state.damaged-mine", "weir.state.damaged-20261126T062438Z.gz",
      "weir.state.damaged-20261126T062438Z-", "weir.state.damaged-x0261126T062438Z",
    ]
    for name in others { folder.write(name, [9]) }
    for index in 0..<5 {
      folder.write("weir.state", [UInt8(index)])
      _ = try directory.setAside(.newer(version: 7), at: time)
    }
    let newer = "weir.state.version-7-20261126T062438Z"
    #expect(folder.bytes(newer) == [0])
    for index in 1..<5 { #expect(folder.bytes("\(newer)-\(index + 1)") == [UInt8(index)]) }
    // The clock went back before the last one.
    for (index, second) in [time, time, time + 1, time + 100_000, time - 5].enumerated() {
      folder.write("weir.state", [UInt8(index)])
      _ = try directory.setAside(.damaged, at: second)
    }
    let kept = folder.names.filter { $0.hasPrefix("weir.state.damaged-") && !others.contains($0) }
    #expect(
      kept == [
        "weir.state.damaged-20261126T062433Z", "weir.state.damaged-20261126T062439Z",
        "weir.state.damaged-20261127T101118Z",
      ])
    for name in others { #expect(folder.bytes(name) == [9]) }
    #expect(folder.names.count { $0.hasPrefix(newer) } == 5)
    for second in 0..<5 {
      folder.write("weir.state", [UInt8(second)])
      _ = try directory.setAside(.unused, at: time + second)
    }
    #expect(
      folder.names.filter { $0.hasPrefix("weir.state.unused-") } == [
        "weir.state.unused-20261126T062440Z", "weir.state.unused-20261126T062441Z",
        "weir.state.unused-20261126T062442Z",
      ])
    // Each reason has its own three.
    #expect(
      folder.names.filter { $0.hasPrefix("weir.state.damaged-") && !others.contains($0) } == kept)
  }

  @Test("stays where it is if it cannot be renamed")
  func failing() throws {
    let folder = try Folder()
    let system = FaultySystem { call, _ in call == .rename ? .errno(EROFS) : nil }
    let directory = try StateDirectory.open(folder.path, system: system)
    system.arm()
    folder.write("weir.state", [1])
    let error = #expect(throws: StateError.self) {
      _ = try directory.setAside(.damaged, at: time)
    }
    #expect(
      error?.description == "\(folder.path)/weir.state: renaming it failed: Read-only file system "
        + "(errno 30); its file system is read-only; mount it writable, and look at the kernel's "
        + "log for a faulty disk")
    #expect(folder.bytes("weir.state") == [1])
  }

  @Test(
    "has a time that can be read",
    arguments: [
      (0, "19700101T000000Z"), (-1, "19691231T235959Z"), (951_782_400, "20000229T000000Z"),
      (4_107_542_399, "21000228T235959Z"), (4_107_542_400, "21000301T000000Z"),
      (.max, "99991231T235959Z"), (.min, "00000101T000000Z"), (1_795_674_278, "20261126T062438Z"),
    ])
  func times(_ seconds: Int, _ text: String) {
    #expect(StateTime.text(seconds) == text)
    #expect(StateTime.isText(text[...]))
  }
}

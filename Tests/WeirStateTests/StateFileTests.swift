import Foundation
import TestSupport
import Testing
import WeirBytes

@testable import WeirState

// A file system that is really full, or remounted read-only, needs mount(2) and therefore root: that
// belongs into the system tests. Here the kernel's answers are made up (`FaultySystem`).

@Suite("A state file")
struct StateFileTests {
  private func blocks(_ payload: [UInt8], _ type: StateBlockType = .values) -> [UInt8] {
    var blocks = StateBlocks()
    blocks.append(type) { $0.append(payload) }
    return blocks.bytes
  }

  @Test("has what was committed, and shows it under its name when it is published")
  func groups() throws {
    let folder = try Folder()
    folder.write("weir.state.new", [1, 2, 3])
    let directory = try StateDirectory.open(folder.path)
    var file = try StateFile.create(in: directory, number: 77)
    #expect(try folder.mode("weir.state.new") == 0o600)
    try file.append(blocks([1], .times))
    try file.append(blocks([2]))
    #expect(state(of: file) == [0, 0, 58])
    try file.commit()
    #expect(try directory.read() == nil)
    try file.publish()
    #expect(state(of: file) == [1, 1, 162])
    #expect(folder.names == ["weir.state", "weir.state.lock"])
    #expect(try folder.mode("weir.state") == 0o600)
    try file.append(blocks([3]))
    let unfinished = try #require(try directory.read())
    let early = StateScan(of: unfinished)
    #expect(early.verdict == .tornEnd(bytes: 13))
    try file.commit()
    try file.commit()
    let bytes = try #require(try directory.read())
    let scan = StateScan(of: bytes)
    #expect(scan.verdict == .whole)
    #expect(scan.fileNumber == 77)
    #expect(scan.groupCount == 3)
    #expect(state(of: file) == [1, 3, bytes.count])
    #expect(scan.payloads(of: bytes) == [[1], [2], [3]])
    #expect(scan.blocks.map(\.group) == [1, 1, 2])
  }

  @Test("takes the place of the one before, which then can't be committed to any more")
  func replacement() throws {
    let folder = try Folder()
    let directory = try StateDirectory.open(folder.path)
    var old = try StateFile.create(in: directory, number: 1)
    try old.commit()
    try old.publish()
    var new = try StateFile.create(in: directory, number: 2)
    try new.commit()
    try old.commit()
    try new.publish()
    let error = #expect(throws: StateError.self) { try commit(&old) }
    #expect(
      error?.description == "\(folder.path)/weir.state: another file has taken its place; "
        + "let nothing but one weir use the directory")
    let bytes = try #require(try directory.read())
    #expect(StateScan(of: bytes).fileNumber == 2)
    new.discard()
    #expect(folder.names == ["weir.state", "weir.state.lock"])
    let third = try StateFile.create(in: directory, number: 3)
    #expect(folder.names == ["weir.state", "weir.state.lock", "weir.state.new"])
    third.discard()
    #expect(folder.names == ["weir.state", "weir.state.lock"])
  }

  /// Whether it is published, its groups, its bytes.
  private func state(of file: borrowing StateFile) -> [Int] {
    [file.isPublished ? 1 : 0, file.groupCount, file.byteCount]
  }

  private func commit(_ file: inout StateFile) throws(StateError) { try file.commit() }

  @Test("is written whole if the kernel takes few bytes at once and signals interrupt it")
  func shortWrites() throws {
    let folder = try Folder()
    let system = FaultySystem { call, count in
      switch call {
      case .write: count % 2 == 0 ? .errno(EINTR) : .short(5)
      case .syncData, .sync, .open, .statusOfPath, .rename: count % 2 == 0 ? .errno(EINTR) : nil
      default: nil
      }
    }
    let directory = try StateDirectory.open(folder.path, system: system)
    system.arm()
    var generator = SeededGenerator(seed: 3)
    let payloads = (0..<4).map { _ in generator.bytes(count: 300) }
    var file = try StateFile.create(in: directory, number: 5)
    for payload in payloads {
      try file.append(blocks(payload))
      try file.commit()
    }
    try file.publish()
    let bytes = try #require(folder.bytes("weir.state"))
    let scan = StateScan(of: bytes)
    #expect(scan.verdict == .whole)
    #expect(scan.payloads(of: bytes) == payloads)
    #expect(system.count(of: .write) > 500)
  }

  struct Failure: Sendable {
    let call: FaultySystem.Call
    /// The calls that succeed before.
    let after: Int
    let code: Int32
    /// The sentence after the path.
    let sentence: String
    /// The groups that a restart finds.
    let groups: Int
  }

  /// Calls of a file that commits a base, publishes it and commits an increment: five writes
  /// (header, blocks, commits, blocks, commits), two of fdatasync.
  static let failures = [
    Failure(
      call: .open, after: 0, code: EMFILE,
      sentence: ".new: making it failed: Too many open files (errno 24); too many files are open; "
        + "raise the limit (ulimit -n, LimitNOFILE=)", groups: 0),
    Failure(
      call: .write, after: 0, code: ENOSPC,
      sentence: ".new: writing failed: No space left on device (errno 28); free space on its file "
        + "system", groups: 0),
    Failure(
      call: .write, after: 1, code: EDQUOT,
      sentence: ".new: writing failed: Disk quota exceeded (errno 122); free space, or raise the "
        + "quota of user 123", groups: 0),
    Failure(
      call: .write, after: 3, code: EFBIG,
      sentence: ": writing failed: File too large (errno 27); raise the limit on the size of files "
        + "(ulimit -f, LimitFSIZE=)", groups: 1),
    Failure(
      call: .write, after: 4, code: EROFS,
      sentence: ": writing failed: Read-only file system (errno 30); its file system is read-only; "
        + "mount it writable, and look at the kernel's log for a faulty disk", groups: 1),
    Failure(
      call: .syncData, after: 0, code: EIO,
      sentence: ".new: writing it to disk failed: Input/output error (errno 5); the disk or its "
        + "connection is faulty; look at the kernel's log", groups: 0),
    // All of it may be on the disk nevertheless: more than was confirmed is no fault.
    Failure(
      call: .syncData, after: 1, code: EIO,
      sentence: ": writing it to disk failed: Input/output error (errno 5); the disk or its "
        + "connection is faulty; look at the kernel's log", groups: 2),
    Failure(
      call: .sync, after: 0, code: EIO,
      sentence: ".new: writing it to disk failed: Input/output error (errno 5); the disk or its "
        + "connection is faulty; look at the kernel's log", groups: 0),
    Failure(
      call: .rename, after: 0, code: EACCES,
      sentence: ".new: renaming it to weir.state failed: Permission denied (errno 13); weir runs "
        + "as user 123; give this user the directory with chown and chmod 700", groups: 0),
    Failure(
      call: .statusOfPath, after: 3, code: ESTALE,
      sentence: ": finding it again failed: Stale file handle (errno 116); the disk or its "
        + "connection is faulty; look at the kernel's log", groups: 2),
    Failure(
      call: .write, after: 2, code: EINTR,
      sentence: ".new: writing failed: Interrupted system call (errno 4); look at the kernel's "
        + "log, and at the file system", groups: 0),
  ]

  @Test("fails with a sentence, and takes nothing more afterwards", arguments: failures)
  func failing(_ failure: Failure) throws {
    let folder = try Folder()
    let system = FaultySystem { call, count in
      call == failure.call && count >= failure.after ? .errno(failure.code) : nil
    }
    let directory = try StateDirectory.open(folder.path, system: system)
    system.arm()
    let expected = StateError(
      "\(folder.path)/weir.state" + failure.sentence, code: failure.code)
    do throws(StateError) {
      var file = try StateFile.create(in: directory, number: 1)
      #expect(run(&file) == expected)
      // Whatever is asked now gives the same answer, and does nothing.
      let calls = system.count(of: .write)
      let again = StateError(
        "\(file.path): it cannot be used after a failure, which was: \(expected.description)",
        code: failure.code)
      #expect(run(&file) == again)
      #expect(#expect(throws: StateError.self) { try commit(&file) } == again)
      #expect(system.count(of: .write) == calls)
    } catch {
      #expect(error == expected)
    }
    let found = folder.bytes("weir.state").map { StateScan(of: $0).groupCount } ?? 0
    #expect(found == failure.groups)
  }

  /// Commits a base, publishes it, commits an increment.
  private func run(_ file: inout StateFile) -> StateError? {
    do throws(StateError) {
      try file.append(blocks([1]))
      try file.commit()
      try file.publish()
      try file.append(blocks([2]))
      try file.commit()
      return nil
    } catch {
      return error
    }
  }

  @Test("does not count as written what a restart would not find")
  func vanished() throws {
    for what in ["directory", "file", "replaced"] {
      let folder = try Folder()
      let directory = try StateDirectory.open(folder.path)
      var file = try StateFile.create(in: directory, number: 1)
      try file.commit()
      try file.publish()
      let path = "\(folder.path)/weir.state"
      try FileManager.default.removeItem(atPath: what == "directory" ? folder.path : path)
      if what == "replaced" { folder.write("weir.state", [1]) }
      try file.append(blocks([1]))
      let error = #expect(throws: StateError.self) { try commit(&file) }
      let sentence =
        what == "replaced"
        ? "another file has taken its place; let nothing but one weir use the directory"
        : "finding it again failed: No such file or directory (errno 2); the directory or the file "
          + "has vanished; make the directory again, or mount it"
      #expect(error?.description == "\(path): \(sentence)")
      #expect(#expect(throws: StateError.self) { try commit(&file) } != nil)
    }
  }

  @Test("does not take a file system that writes nothing")
  func noBytes() throws {
    let folder = try Folder()
    let system = FaultySystem { call, count in call == .write ? .short(0) : nil }
    let directory = try StateDirectory.open(folder.path, system: system)
    system.arm()
    let error = #expect(throws: StateError.self) {
      let file = try StateFile.create(in: directory, number: 1)
      file.discard()
    }
    #expect(
      error?.description
        == "\(folder.path)/weir.state.new: writing failed: the file system took no "
        + "bytes; look at the kernel's log")
  }

  @Test("that is given up removes no other file with its name")
  func discarded() throws {
    let folder = try Folder()
    let directory = try StateDirectory.open(folder.path)
    let file = try StateFile.create(in: directory, number: 1)
    try FileManager.default.removeItem(atPath: "\(folder.path)/weir.state.new")
    folder.write("weir.state.new", [1, 2, 3])
    file.discard()
    #expect(folder.bytes("weir.state.new") == [1, 2, 3])
  }
}

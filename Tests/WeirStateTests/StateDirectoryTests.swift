import Foundation
import Synchronization
import TestSupport
import Testing

@testable import WeirState

@Suite("The directory of the state file")
struct StateDirectoryTests {
  private func sentence(
    _ path: String, _ system: any StateSystem = LinuxSystem()
  ) -> String? {
    let error = #expect(throws: StateError.self) {
      _ = try StateDirectory.open(path, system: system)
    }
    return error?.description
  }

  @Test("is a directory that exists and can be written to")
  func opening() throws {
    let folder = try Folder()
    let path = folder.path
    #expect(
      sentence(path + "/none") == "\(path)/none: this directory does not exist; make it with "
        + "mkdir -m 700, or let systemd do it with StateDirectory=")
    folder.write("file", [1])
    #expect(
      sentence(path + "/file") == "\(path)/file: this is not a directory; give the path of one")
    #expect(
      sentence(path + "/file/x") == "\(path)/file/x: looking at the directory failed: Not a "
        + "directory (errno 20); the directory or the file has vanished; make the directory again, "
        + "or mount it")
    let directory = try StateDirectory.open(path)
    #expect(directory.path == path)
    #expect(directory.warnings == [])
    #expect(folder.names == ["file", "weir.state.lock"])
    #expect(folder.bytes("weir.state.lock") == Array("\(getpid())\n".utf8))
    #expect(try folder.mode("weir.state.lock") == 0o600)
    #expect(try directory.read() == nil)
  }

  @Test(
    "is refused if the kernel refuses a step",
    arguments: [
      (
        FaultySystem.Call.open, 0, EACCES,
        "/weir.state.lock: making it failed: Permission denied "
          + "(errno 13); weir runs as user 123; give this user the directory with chown and chmod 700"
      ),
      (
        .open, 0, EROFS,
        "/weir.state.lock: making it failed: Read-only file system (errno 30); its "
          + "file system is read-only; mount it writable, and look at the kernel's log for a faulty disk"
      ),
      (
        .lock, 0, ENOLCK,
        "/weir.state.lock: locking it failed: No locks available (errno 37); its "
          + "file system cannot do this; use a directory on a local disk"
      ),
      (
        .write, 0, ENOSPC,
        "/weir.state.lock: writing failed: No space left on device (errno 28); "
          + "free space on its file system"
      ),
      (
        .write, 1, ENOSPC,
        "/weir.state.probe: writing failed: No space left on device (errno 28); "
          + "free space on its file system"
      ),
      (
        .remove, 0, EPERM,
        "/weir.state.probe: removing it failed: Operation not permitted (errno 1); "
          + "weir runs as user 123; give this user the directory with chown and chmod 700"
      ),
    ] as [(FaultySystem.Call, Int, Int32, String)])
  func refused(_ call: FaultySystem.Call, _ after: Int, _ code: Int32, _ text: String) throws {
    let folder = try Folder()
    let system = FaultySystem { $0 == call && $1 >= after ? .errno(code) : nil }
    system.arm()
    #expect(sentence(folder.path, system) == folder.path + text)
    // Nothing stays locked.
    _ = try StateDirectory.open(folder.path)
  }

  @Test("belongs to one process at a time")
  func locking() throws {
    let folder = try Folder()
    var first: StateDirectory? = try StateDirectory.open(folder.path, system: FaultySystem())
    #expect(first != nil)
    #expect(
      sentence(folder.path) == "\(folder.path): the process 4711 has this directory; stop it, or "
        + "give each weir a directory of its own")
    folder.write("weir.state.lock", Array("\u{1B}[2J\n".utf8))
    first = nil
    // The file is another one than that which was locked, so that its lock is free as well.
    let second = try StateDirectory.open(folder.path)
    let file = try #require(FileHandle(forWritingAtPath: folder.path + "/weir.state.lock"))
    for text in ["", "x\u{1B}[2J\n", "-4\n", "99999999999\n"] {
      try file.truncate(atOffset: 0)
      try file.write(contentsOf: Data(text.utf8))
      #expect(
        sentence(folder.path) == "\(folder.path): another process has this directory; stop it, or "
          + "give each weir a directory of its own")
    }
    #expect(second.warnings == [])
  }

  @Test("may be given by a link, with slashes at its end, or relative to the working directory")
  func paths() throws {
    let folder = try Folder()
    let link = folder.path + "-link"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder.path)
    defer { try? FileManager.default.removeItem(atPath: link) }
    let steps = FileManager.default.currentDirectoryPath.split(separator: "/").map { _ in ".." }
    let relative = steps.joined(separator: "/") + folder.path
    for path in [link, link + "/", folder.path + "///", relative] {
      let directory = try StateDirectory.open(path)
      var file = try StateFile.create(in: directory, number: 1)
      try file.commit()
      try file.publish()
      #expect(!directory.path.hasSuffix("/"))
      #expect(folder.names == ["weir.state", "weir.state.lock"])
      try directory.remove()
      #expect(folder.names == ["weir.state.lock"])
    }
    #expect(StateDirectory.trimmed("/") == "/" && StateDirectory.trimmed("//") == "/")
  }

  @Test("that was renamed loses its state file, too, because it may come back")
  func renamed() throws {
    let folder = try Folder()
    let path = folder.path + "/state"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    let directory = try StateDirectory.open(path)
    var file = try StateFile.create(in: directory, number: 1)
    try file.commit()
    try file.publish()
    let next = try StateFile.create(in: directory, number: 2)
    try FileManager.default.moveItem(atPath: path, toPath: path + ".away")
    try directory.remove()
    next.discard()
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: path + ".away") == ["weir.state.lock"])
  }

  @Test("that was replaced is locked before a file is made in it")
  func replaced() throws {
    let folder = try Folder()
    let path = folder.path + "/state"
    func make() throws {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }
    try make()
    let directory = try StateDirectory.open(path)
    let place = directory.placeIdentity
    try FileManager.default.moveItem(atPath: path, toPath: path + ".away")
    try make()
    do {
      let other = try StateDirectory.open(path)
      let error = #expect(throws: StateError.self) {
        _ = try StateFile.create(in: directory, number: 1)
      }
      #expect(error?.description.contains("has this directory; stop it") == true)
      withExtendedLifetime(other) {}
    }
    var file = try StateFile.create(in: directory, number: 2)
    try file.commit()
    try file.publish()
    #expect(throws: StateError.self) { _ = try StateDirectory.open(path) }
    // The one that was left is free.
    _ = try StateDirectory.open(path + ".away")
    #expect(directory.placeIdentity == place)
    try directory.remove()
    #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["weir.state.lock"])
  }

  @Test("should not be open to every user")
  func worldWritable() throws {
    let folder = try Folder()
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o777], ofItemAtPath: folder.path)
    #expect(
      try StateDirectory.open(folder.path).warnings == [
        "\(folder.path): every user may write to this directory and replace the state; "
          + "run chmod 700 \(folder.path)"
      ])
  }

  @Test("gives the bytes of a regular file that is not too long, and of nothing else")
  func reading() throws {
    let folder = try Folder()
    let path = folder.path + "/weir.state"
    #expect(try StateDirectory.read(folder.path) == nil)
    folder.write("weir.state", Array(0..<100))
    #expect(try StateDirectory.read(folder.path + "/") == Array(0..<100))
    #expect(try StateDirectory.read(folder.path, bytesMax: 100) == Array(0..<100))
    let file = #expect(throws: StateError.self) { _ = try StateDirectory.read(path) }
    #expect(file?.description == "\(path): this is not a directory; give the path of one")
    func sentence(_ bytesMax: Int = 1_000, _ system: any StateSystem = LinuxSystem()) -> String? {
      let error = #expect(throws: StateError.self) {
        _ = try StateDirectory.read(folder.path, bytesMax: bytesMax, system: system)
      }
      return error?.description
    }
    #expect(
      sentence(99) == "\(path): it has 100 bytes, and at most 99 are read; remove it, or move it "
        + "away")
    let broken = FaultySystem { call, _ in call == .read ? .errno(EIO) : nil }
    broken.arm()
    #expect(
      sentence(100, broken) == "\(path): reading failed: Input/output error (errno 5); the disk or "
        + "its connection is faulty; look at the kernel's log")
    try FileManager.default.moveItem(atPath: path, toPath: folder.path + "/other")
    try FileManager.default.createSymbolicLink(
      atPath: path, withDestinationPath: folder.path + "/other")
    #expect(
      sentence() == "\(path): opening it failed: Too many levels of symbolic links (errno 40); it "
        + "is a symbolic link; remove it, or give the directory where the file really is")
    try FileManager.default.removeItem(atPath: path)
    #expect(mkfifo(path, 0o600) == 0)
    #expect(sentence() == "\(path): it is not a regular file; remove it")
  }

  @Test("has another identity once it is copied, and the same one when it is opened again")
  func identity() throws {
    let folder = try Folder()
    let system = FaultySystem()
    let first = try StateDirectory.open(folder.path, system: system).placeIdentity
    let second = try StateDirectory.open(folder.path, system: system).placeIdentity
    #expect(first == second)
    // Nothing but these: what a new container on the same volume has of its own is no part of it.
    let lock = try #require(folder.inode(of: "weir.state.lock"))
    let parts = first.split(separator: ", ").map(String.init)
    #expect(parts.suffix(2).first == "inode \(lock)")
    #expect(parts.last?.hasPrefix("birth ") == true)
    #expect(parts.count == 2 || parts.count == 3 && parts[0].hasPrefix("machine "))
    // The machine's id itself is not shown.
    if let id = try? String(contentsOfFile: "/etc/machine-id", encoding: .utf8) {
      let digits = id.prefix { !$0.isNewline }
      #expect(digits.isEmpty || !first.contains(digits))
    }
    let copy = folder.path + "-copy"
    try FileManager.default.copyItem(atPath: folder.path, toPath: copy)
    defer { try? FileManager.default.removeItem(atPath: copy) }
    #expect(try StateDirectory.open(copy, system: system).placeIdentity != first)
    // The same name, but made anew.
    guard !first.hasSuffix("birth unknown") else { return }
    try FileManager.default.removeItem(atPath: folder.path + "/weir.state.lock")
    #expect(try StateDirectory.open(folder.path, system: system).placeIdentity != first)
  }

  @Test(
    "removes the temporary file and then the state file, or says which it can't remove and why",
    arguments: [(0, "weir.state.new"), (1, "weir.state")])
  func removing(failing: Int, name: String) throws {
    let folder = try Folder()
    let system = FaultySystem { call, before in
      call == .remove && before == failing ? .errno(EACCES) : nil
    }
    let directory = try StateDirectory.open(folder.path, system: system)
    for name in ["weir.state", "weir.state.new"] { folder.write(name, [1]) }
    try directory.remove()
    try directory.remove()
    #expect(folder.names == ["weir.state.lock"])
    system.arm()
    let error = #expect(throws: StateError.self) { try directory.remove() }
    #expect(
      error?.description == "\(folder.path)/\(name): removing it failed: Permission denied "
        + "(errno 13); weir runs as user 123; give this user the directory with chown and chmod 700"
    )
    #expect(error?.code == EACCES)
  }

  @Test("has lost its state file for good when the removal ends")
  func removingIsDurable() throws {
    let folder = try Folder()
    let fails = Mutex(false)
    let system = FaultySystem { call, _ in
      call == .sync && fails.withLock { $0 } ? .errno(EIO) : nil
    }
    let directory = try StateDirectory.open(folder.path, system: system)
    folder.write("weir.state", [1])
    system.arm()
    try directory.remove()
    #expect(
      system.journal == ["remove weir.state.new", "remove weir.state", "sync folder"])
    fails.withLock { $0 = true }
    let error = #expect(throws: StateError.self) { try directory.remove() }
    #expect(error?.code == EIO)
    // A directory that is gone has no state to come back.
    fails.withLock { $0 = false }
    try FileManager.default.removeItem(atPath: folder.path)
    try directory.remove()
  }
}

import Glibc
import WeirBytes

/// The state file that is being written: the first group, then further groups, each committed.
///
/// It begins under a temporary name, and replaces the state file when it is published. After a
/// failed call all further calls fail. Every call may block for as long as the disk does.
package struct StateFile: ~Copyable, Sendable {
  private let directory: StateDirectory
  private let descriptor: Int32
  private let identity: StateFileStatus
  /// Ties the commits to this file.
  package let number: UInt64
  /// The bytes written so far.
  package private(set) var byteCount = 0
  /// The groups that were committed.
  package private(set) var groupCount = 0
  /// Whether it is the state file, no longer the temporary one.
  package private(set) var isPublished = false
  /// Where the group that is open begins.
  private var groupStart = 0
  private var failure: StateError?
  private var commitBlocks = StateBlocks()

  private init(
    directory: StateDirectory, descriptor: Int32, identity: StateFileStatus, number: UInt64
  ) {
    self.directory = directory
    self.descriptor = descriptor
    self.identity = identity
    self.number = number
  }

  deinit { directory.system.close(descriptor) }

  /// Creates the temporary file and writes its header. One that a crash has left is removed.
  ///
  /// - Parameter number: Random; it ties commits to this file.
  package static func create(
    in directory: StateDirectory, number: UInt64
  ) throws(StateError) -> StateFile {
    let (path, system) = (directory.temporaryPath, directory.system)
    try directory.relock()
    try directory.removeIfThere(path)
    let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW
    let descriptor = try directory.explained(path, "making it") { () throws(StateErrno) in
      try system.repeated { () throws(StateErrno) in
        try system.open(path, flags, mode: 0o600)
      }
    }
    let identity: StateFileStatus
    do throws(StateErrno) {
      identity = try system.status(descriptor)
    } catch {
      system.close(descriptor)
      throw directory.error(path, "looking at it", error)
    }
    var file = StateFile(
      directory: directory, descriptor: descriptor, identity: identity, number: number)
    do throws(StateError) {
      try file.append(StateHeader.bytes(fileNumber: number))
    } catch {
      file.discard()
      throw error
    }
    file.groupStart = file.byteCount
    return file
  }

  /// The path under which the file is now.
  package var path: String { isPublished ? directory.filePath : directory.temporaryPath }

  /// Appends blocks to the group that is open.
  package mutating func append(_ blocks: [UInt8]) throws(StateError) {
    try step { file throws(StateError) in try file.write(blocks) }
  }

  /// Returns when what was appended is on disk, without ending the group, so that its commit takes less time.
  package mutating func sync() throws(StateError) {
    try step { file throws(StateError) in
      let (system, descriptor) = (file.directory.system, file.descriptor)
      try file.call("writing it to disk") { () throws(StateErrno) in
        try system.syncData(descriptor)
      }
    }
  }

  /// Ends the group: appends its commit, and returns when all of it is on disk.
  ///
  /// Fails as well if the directory has another file, or none, under this file's name, because a
  /// restart would not find what is written here.
  package mutating func commit() throws(StateError) {
    try step { file throws(StateError) in
      let commit = StateCommit(
        fileNumber: file.number, group: UInt64(file.groupCount + 1),
        start: UInt64(file.groupStart), end: UInt64(file.byteCount))
      file.commitBlocks.removeAll()
      commit.append(to: &file.commitBlocks)
      commit.append(to: &file.commitBlocks)
      try file.write(file.commitBlocks.bytes)
      let (system, descriptor) = (file.directory.system, file.descriptor)
      try file.call("writing it to disk") { () throws(StateErrno) in
        try system.syncData(descriptor)
      }
      try file.checkName()
      file.groupCount += 1
      file.groupStart = file.byteCount
    }
  }

  /// Makes this file the state file, in place of the one before it.
  ///
  /// - Precondition: at least one group is committed, and nothing was appended after it.
  package mutating func publish() throws(StateError) {
    try step { file throws(StateError) in
      precondition(!file.isPublished, "it is published already")
      precondition(
        file.groupCount > 0 && file.groupStart == file.byteCount, "the last group is not committed")
      let (system, descriptor) = (file.directory.system, file.descriptor)
      let (old, new) = (file.directory.temporaryPath, file.directory.filePath)
      try file.call("writing it to disk") { () throws(StateErrno) in
        try system.sync(descriptor)
      }
      try file.checkName()
      try file.call("renaming it to weir.state") { () throws(StateErrno) in
        try system.rename(old, to: new)
      }
      file.isPublished = true
      try file.directory.sync()
    }
  }

  /// Closes the file, and removes it if it was not published.
  package consuming func discard() {
    guard !isPublished, let found = try? directory.system.status(path, followsLinks: false),
      found.isSameFile(as: identity)
    else { return }
    try? directory.system.remove(path)
  }

  /// Runs a step, unless one has failed before.
  private mutating func step(
    _ body: (inout StateFile) throws(StateError) -> Void
  ) throws(StateError) {
    if let failure {
      throw StateError(
        "\(path): it cannot be used after a failure, which was: \(failure.description)",
        code: failure.code)
    }
    do throws(StateError) {
      try body(&self)
    } catch {
      failure = error
      throw error
    }
  }

  private borrowing func call<Result>(
    _ doing: String, _ body: () throws(StateErrno) -> Result
  ) throws(StateError) -> Result {
    let system = directory.system
    return try directory.explained(path, doing) { () throws(StateErrno) in
      try system.repeated(body)
    }
  }

  private mutating func write(_ bytes: [UInt8]) throws(StateError) {
    guard bytes.count <= StateFormat.fileBytesMax - byteCount else {
      throw StateError(
        "\(path): it would exceed \(StateFormat.fileBytesMax >> 30) GiB, which no start would read; "
          + "lower --limit.series",
        code: EFBIG)
    }
    let (system, descriptor, start) = (directory.system, descriptor, byteCount)
    var written = 0
    while written < bytes.count {
      let count = try call("writing") { () throws(StateErrno) in
        try system.write(descriptor, bytes.span.extracting(written...), at: start + written)
      }
      guard count > 0 else {
        throw StateError(
          "\(path): writing failed: the file system took no bytes; look at the kernel's log",
          code: EIO)
      }
      written += count
    }
    byteCount += written
  }

  /// Fails if the directory does not have this file under its name.
  private borrowing func checkName() throws(StateError) {
    let (system, path) = (directory.system, path)
    let found = try call("finding it again") { () throws(StateErrno) in
      try system.status(path, followsLinks: false)
    }
    guard found.isSameFile(as: identity) else {
      throw StateError(
        "\(path): another file has taken its place; let nothing but one weir use the directory")
    }
  }
}

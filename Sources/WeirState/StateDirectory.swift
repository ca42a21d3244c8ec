import Glibc
import WeirBytes

/// The directory of the state file, locked for this process until the value is released.
///
/// Every call may block for as long as the disk does. Calls from several threads do not wait for
/// each other.
package final class StateDirectory: Sendable {
  /// As it was given, without slashes at its end.
  package let path: String
  /// Sentences about what should be mended.
  package let warnings: [String]
  /// Names this directory on this machine: a copy of it has another name, and so has the directory
  /// on another machine. A hash of the machine id, if there is one, and inode and birth time of the lock file
  /// that was found first.
  ///
  /// The host name is no part of it, because each new container on the same volume has another.
  package let placeIdentity: String
  let system: any StateSystem
  private let hold: Locked<StateHold>

  private init(
    path: String, warnings: [String], placeIdentity: String, system: any StateSystem,
    hold: StateHold
  ) {
    self.path = path
    self.warnings = warnings
    self.placeIdentity = placeIdentity
    self.system = system
    self.hold = Locked(hold)
  }

  /// Locks a directory that exists, and checks that files can be written to it.
  package static func open(
    _ path: String, system: any StateSystem = LinuxSystem()
  ) throws(StateError) -> StateDirectory {
    let path = trimmed(path)
    let status = try checked(path, system)
    var warnings: [String] = []
    if status.mode & 0o002 != 0 {
      warnings.append(
        "\(path): every user may write to this directory and replace the state; "
          + "run chmod 700 \(path)")
    }
    let hold = try StateHold(path, system)
    let directory = StateDirectory(
      path: path, warnings: warnings, placeIdentity: StateLock.identity(hold.lock, system),
      system: system, hold: hold)
    try StateLock.writeProcess(hold.lock, path, system)
    try directory.probe()
    return directory
  }

  /// Locks the directory at the path if another one has taken the place of the one that is locked, such as
  /// one that was made anew, or mounted.
  func relock() throws(StateError) {
    let found = try StateDirectory.checked(path, system)
    guard !hold.withLock({ $0 }).isSame(as: found) else { return }
    let fresh = try StateHold(path, system)
    try StateLock.writeProcess(fresh.lock, path, system)
    hold.withLock { $0 = fresh }
  }

  /// The state file.
  package var filePath: String { StateDirectory.filePath(in: path) }

  /// The state file of a directory.
  package static func filePath(in path: String) -> String { "\(trimmed(path))/weir.state" }

  /// The file that is locked while a process uses a directory.
  package static func lockPath(in path: String) -> String { StateLock.path(in: trimmed(path)) }

  /// The state file that is being written.
  var temporaryPath: String { "\(path)/weir.state.new" }

  /// The bytes of the state file, or nil if there is none.
  package func read(
    bytesMax: Int = StateFormat.fileBytesMax
  ) throws(StateError) -> [UInt8]? {
    try StateDirectory.read(path, bytesMax: bytesMax, system: system)
  }

  /// Removes the temporary file, then the state file. It is no error if there is none, or no directory.
  ///
  /// The temporary one is first, because another thread may be about to rename it. If that happened before,
  /// then it is the state file that is removed next. If not, the rename fails.
  ///
  /// Both are also removed from the directory that was opened: one that was renamed or unmounted meanwhile may
  /// come back with an old state.
  package func remove() throws(StateError) {
    try removeIfThere(temporaryPath)
    try removeFromFolder(temporaryPath)
    try removeIfThere(filePath)
    try removeFromFolder(filePath)
    do throws(StateError) {
      try sync()
    } catch {
      guard error.code != ENOENT else { return }
      throw error
    }
  }

  /// Makes new names, and names that are gone, permanent.
  func sync() throws(StateError) {
    let (system, path) = (system, path)
    try explained(path, "writing the directory to disk") { () throws(StateErrno) in
      let descriptor = try system.repeated { () throws(StateErrno) in
        try system.open(path, O_RDONLY | O_DIRECTORY, mode: 0)
      }
      defer { system.close(descriptor) }
      try system.repeated { () throws(StateErrno) in try system.sync(descriptor) }
    }
  }

  func removeIfThere(_ path: String) throws(StateError) {
    do throws(StateErrno) {
      try system.remove(path)
    } catch {
      guard error.code != ENOENT else { return }
      throw self.error(path, "removing it", error)
    }
  }

  private func removeFromFolder(_ path: String) throws(StateError) {
    let name = String(path.dropFirst(self.path.count + 1))
    let hold = hold.withLock { $0 }
    do throws(StateErrno) {
      try system.remove(name, in: hold.folder)
    } catch {
      guard error.code != ENOENT else { return }
      throw self.error(path, "removing it from the directory that was opened", error)
    }
  }

  /// Runs a call, and makes a sentence of its errno.
  func explained<Result>(
    _ path: String, _ doing: String, _ call: () throws(StateErrno) -> Result
  ) throws(StateError) -> Result {
    try StateDirectory.explained(path, doing, system, call)
  }

  func error(_ path: String, _ doing: String, _ error: StateErrno) -> StateError {
    StateError(path, doing, error, user: system.user())
  }

  static func explained<Result>(
    _ path: String, _ doing: String, _ system: any StateSystem,
    _ call: () throws(StateErrno) -> Result
  ) throws(StateError) -> Result {
    do throws(StateErrno) {
      return try call()
    } catch {
      throw StateError(path, doing, error, user: system.user())
    }
  }

  /// The path without slashes at its end.
  static func trimmed(_ path: String) -> String {
    var path = path[...]
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return String(path)
  }

  /// What the directory is, if it is one.
  private static func checked(
    _ path: String, _ system: any StateSystem
  ) throws(StateError) -> StateFileStatus {
    let status: StateFileStatus
    do throws(StateErrno) {
      status = try system.repeated { () throws(StateErrno) in
        try system.status(path, followsLinks: true)
      }
    } catch {
      guard error.code == ENOENT else {
        throw StateError(path, "looking at the directory", error, user: system.user())
      }
      throw StateError(
        "\(path): this directory does not exist; make it with mkdir -m 700, or let systemd do it "
          + "with StateDirectory=",
        code: error.code)
    }
    guard status.mode & S_IFMT == S_IFDIR else {
      throw notDirectory(path)
    }
    return status
  }

  static func notDirectory(_ path: String) -> StateError {
    StateError("\(path): this is not a directory; give the path of one", code: ENOTDIR)
  }

  /// Writes a file and removes it.
  private func probe() throws(StateError) {
    let (system, path) = (system, "\(path)/weir.state.probe")
    try removeIfThere(path)
    try explained(path, "writing") { () throws(StateErrno) in
      let descriptor = try system.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
      defer { system.close(descriptor) }
      let bytes: [UInt8] = [10]
      _ = try system.repeated { () throws(StateErrno) in
        try system.write(descriptor, bytes.span, at: 0)
      }
    }
    try removeIfThere(path)
  }
}

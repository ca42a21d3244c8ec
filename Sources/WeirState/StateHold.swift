import Glibc

/// A locked directory, whichever path leads to it by now. It is released with the last reference.
final class StateHold: Sendable {
  private let system: any StateSystem
  /// The lock file.
  let lock: Int32
  let folder: Int32

  /// Locks the directory at a path.
  init(_ path: String, _ system: any StateSystem) throws(StateError) {
    let lock = try StateLock.take(path, system)
    do throws(StateErrno) {
      folder = try system.open(path, O_RDONLY | O_DIRECTORY, mode: 0)
    } catch {
      system.close(lock)
      throw StateError(path, "opening the directory", error, user: system.user())
    }
    self.lock = lock
    self.system = system
  }

  /// The lock ends with the descriptor.
  deinit {
    system.close(folder)
    system.close(lock)
  }

  /// Whether this is the directory that has been found.
  func isSame(as found: StateFileStatus) -> Bool {
    (try? system.status(folder))?.isSameFile(as: found) == true
  }
}

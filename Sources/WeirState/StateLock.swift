import Glibc
import WeirBytes

/// The file `weir.state.lock`, which one process at a time has locked. It has that process's number.
enum StateLock {
  static func path(in directory: String) -> String { "\(directory)/weir.state.lock" }

  /// Locks the directory.
  ///
  /// - Returns: The descriptor of the lock file; closing it releases the lock.
  static func take(
    _ directory: String, _ system: any StateSystem
  ) throws(StateError) -> Int32 {
    let path = path(in: directory)
    let lock = try StateDirectory.explained(path, "making it", system) { () throws(StateErrno) in
      try system.repeated { () throws(StateErrno) in
        try system.open(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
      }
    }
    do throws(StateErrno) {
      try system.repeated { () throws(StateErrno) in try system.lock(lock) }
    } catch {
      defer { system.close(lock) }
      guard error.code == EWOULDBLOCK else {
        throw StateError(path, "locking it", error, user: system.user())
      }
      throw StateError(
        "\(directory): \(holder(lock, system)) has this directory; stop it, or give each weir a "
          + "directory of its own",
        code: error.code)
    }
    return lock
  }

  static func writeProcess(
    _ lock: Int32, _ directory: String, _ system: any StateSystem
  ) throws(StateError) {
    try StateDirectory.explained(path(in: directory), "writing", system) {
      () throws(StateErrno) in
      try system.empty(lock)
      let text = Array("\(system.process())\n".utf8)
      _ = try system.repeated { () throws(StateErrno) in
        try system.write(lock, text.span, at: 0)
      }
    }
  }

  /// The process that has the lock, in words.
  private static func holder(_ lock: Int32, _ system: any StateSystem) -> String {
    let bytes = (try? system.read(lock, bytesMax: 16)) ?? []
    let digits = bytes.prefix { $0 != 10 }
    guard let number = Int32(String(decoding: digits, as: UTF8.self)), number > 0 else {
      return "another process"
    }
    return "the process \(number)"
  }

  /// See `StateDirectory.placeIdentity`.
  static func identity(_ lock: Int32, _ system: any StateSystem) -> String {
    let inode = (try? system.status(lock).inode) ?? 0
    let birth = system.birth(lock).map { "\($0.seconds).\($0.nanoseconds)" } ?? "unknown"
    let place = "inode \(inode), birth \(birth)"
    return machine(system).map { "machine \($0), \(place)" } ?? place
  }

  /// A hash of the machine's id, which machine-id(5) asks not to show; nil where there is none, as in many containers.
  private static func machine(_ system: any StateSystem) -> String? {
    guard let file = try? system.open("/etc/machine-id", O_RDONLY | O_NONBLOCK, mode: 0) else {
      return nil
    }
    defer { system.close(file) }
    let bytes = (try? system.read(file, bytesMax: 64)) ?? []
    let id = bytes.prefix { $0 != 10 }
    let isID = !id.isEmpty && id.allSatisfy { UInt8(ascii: "0") <= $0 && $0 <= UInt8(ascii: "f") }
    guard isID else { return nil }
    let hash = MemberHash.hash("weir.state \(String(decoding: id, as: UTF8.self))")
    return String(hash, radix: 16)
  }
}

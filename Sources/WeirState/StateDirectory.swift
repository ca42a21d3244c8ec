/// The directory of the state file, locked for this process until the value is released.
///
/// Every call may block for as long as the disk does. Calls from several threads do not wait for
/// each other.
package final class StateDirectory: Sendable {
  /// Why a state file is put aside.
  package enum Reason: Sendable, Equatable {
    case damaged
    case newer(version: UInt32)
    /// It is not a state file.
    case foreign
  }

  /// As it was given, without slashes at its end.
  package let path: String
  /// Sentences about what should be mended.
  package let warnings: [String]
  /// Names this directory on this machine: a copy of it, or of the machine, has another name.
  package let placeIdentity: String

  private init(path: String) {
    self.path = path
    warnings = []
    placeIdentity = ""
  }

  /// Locks a directory that exists, and checks that files can be written to it.
  package static func open(
    _ path: String, system: any StateSystem = LinuxSystem()
  ) throws(StateError) -> StateDirectory {
    StateDirectory(path: path)
  }

  /// The bytes of the state file, or nil if there is none.
  package func read(
    bytesMax: Int = StateFormat.fileBytesMax
  ) throws(StateError) -> [UInt8]? {
    nil
  }

  /// The bytes of the state file of a directory that need not be locked, or nil if there is none.
  package static func read(
    _ path: String, bytesMax: Int = StateFormat.fileBytesMax,
    system: any StateSystem = LinuxSystem()
  ) throws(StateError) -> [UInt8]? {
    nil
  }

  /// Renames the state file, so that it is kept but not read again.
  ///
  /// - Parameter seconds: The time since 1970, for the name.
  /// - Returns: The new path.
  package func setAside(_ reason: Reason, at seconds: Int) throws(StateError) -> String { "" }

  /// Removes the state file, and the temporary one. It is no error if there is none.
  package func remove() throws(StateError) {}
}

/// The state file that is being written: the first group, then further groups, each committed.
///
/// It begins under a temporary name, and replaces the state file when it is published. After a
/// failed call all further calls fail.
package struct StateFile: ~Copyable, Sendable {
  private let directory: StateDirectory
  /// The bytes written so far.
  package private(set) var byteCount = 0
  /// The groups that were committed.
  package private(set) var groupCount = 0
  /// Whether it is the state file, no longer the temporary one.
  package private(set) var isPublished = false

  private init(directory: StateDirectory) {
    self.directory = directory
  }

  /// Creates the temporary file and writes its header.
  ///
  /// - Parameter number: Random; it ties commits to this file.
  package static func create(
    in directory: StateDirectory, number: UInt64
  ) throws(StateError) -> StateFile {
    StateFile(directory: directory)
  }

  /// Appends blocks to the group that is open.
  package mutating func append(_ blocks: [UInt8]) throws(StateError) {}

  /// Ends the group: appends its commit, and returns when all of it is on disk.
  ///
  /// Fails as well if the directory has another file, or none, under this file's name, because a
  /// restart would not find what is written here.
  package mutating func commit() throws(StateError) {}

  /// Makes this file the state file.
  ///
  /// - Precondition: at least one group is committed, and nothing was appended after it.
  package mutating func publish() throws(StateError) {}

  /// Closes the file, and removes it if it was not published.
  package consuming func discard() {}
}

/// Where nodes put states for each other: named bytes, each with the sequence of the log that it is of.
///
/// Calls block, for at most the given time. Any thread may call.
package protocol StateStore: Sendable {
  /// All states, those with the greatest sequences last. It does not read their bytes.
  func list(milliseconds: Int) throws(LogFailure) -> [StoredState]

  /// The bytes of a state, whose digest was checked.
  ///
  /// - Throws: `.notFound` if there is no state of this name, `.damaged` if bytes are missing or wrong, and others.
  func get(_ name: String, milliseconds: Int) throws(LogFailure) -> [UInt8]

  /// Stores a state, in place of one of the same name. It is seen only when it is there as a whole.
  ///
  /// - Parameters:
  ///   - name: 1 to 128 letters, digits, `.`, `_` and `-`.
  ///   - sequence: The last message of the log that is in the state.
  func put(_ name: String, _ bytes: [UInt8], sequence: UInt64, milliseconds: Int) throws(LogFailure)

  /// Removes a state. It is no error if there is none of this name.
  func remove(_ name: String, milliseconds: Int) throws(LogFailure)
}

/// A state in a store, without its bytes.
package struct StoredState: Sendable, Equatable {
  package let name: String
  /// How many bytes it has.
  package let bytes: UInt64
  /// The last message of the log that is in it; nil if its writer has not said so.
  package let sequence: UInt64?
  /// When it was stored, since 1970, by the store's time.
  package let timeMilliseconds: UInt64

  package init(name: String, bytes: UInt64, sequence: UInt64?, timeMilliseconds: UInt64) {
    self.name = name
    self.bytes = bytes
    self.sequence = sequence
    self.timeMilliseconds = timeMilliseconds
  }
}

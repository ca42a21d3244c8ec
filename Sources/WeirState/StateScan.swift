/// What a state file has: its committed groups, and whether anything is wrong with it.
package struct StateScan: Sendable, Equatable {
  /// A block of a committed group.
  package struct Block: Sendable, Equatable {
    /// A `StateBlockType`, or a number that this version does not know.
    package let type: UInt32
    /// The number of its group, from 1.
    package let group: UInt32
    /// Where its payload is in the file.
    package let payload: Range<Int>
  }

  package enum Verdict: Sendable, Equatable {
    /// All bytes belong to committed groups.
    case whole
    /// The last bytes were not committed. `blocks` has what was.
    case tornEnd(bytes: Int)
    /// Something that was committed cannot be read. `blocks` has the groups before it.
    case damaged(String)
    /// A later version wrote it.
    case newer(version: UInt32)
    /// It is not a state file.
    case foreign
    case empty
  }

  /// The version of the format, 0 if the header cannot be read.
  package private(set) var version: UInt32 = 0
  package private(set) var fileNumber: UInt64 = 0
  /// The committed groups that were read.
  package private(set) var groupCount = 0
  /// The blocks of those groups in the order of the file, without commits.
  package private(set) var blocks: [Block] = []
  /// The bytes of header and committed groups.
  package private(set) var committedBytes = 0
  package private(set) var verdict: Verdict = .empty

  /// Reads a whole file. Takes any bytes.
  ///
  /// - Complexity: O(bytes).
  package init(_ bytes: borrowing Span<UInt8>) {}
}

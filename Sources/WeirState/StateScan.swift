import WeirBytes

/// What a state file has: its committed groups, and whether anything is wrong with it.
///
///     header │ group 1 │ commit │ commit │ group 2 │ commit │ commit │ not committed
///                                                                    ▲
///                                                                    committedBytes
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
    /// Something that was committed cannot be read: a part of a sentence. `blocks` has the groups
    /// before it.
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
  /// Commit blocks that cannot be read while their twins can. They cost nothing, but something
  /// changed what is on the disk.
  package private(set) var spoiledCommits = 0
  package private(set) var verdict: Verdict = .empty

  /// Reads a whole file. Takes any bytes.
  ///
  /// - Complexity: O(bytes).
  package init(_ bytes: borrowing Span<UInt8>) {
    guard !bytes.isEmpty else { return }
    switch StateHeader(copy bytes) {
    case .intact(StateFormat.version, let number):
      (version, fileNumber) = (StateFormat.version, number)
      verdict = readGroups(copy bytes)
    case .intact(let version, let number):
      (self.version, fileNumber) = (version, number)
      verdict =
        version > StateFormat.version
        ? .newer(version: version) : .damaged("the file's header names version \(version)")
    case .damaged(let sentence): verdict = .damaged(sentence)
    case .foreign:
      let isState = LaterCommit.find(in: copy bytes, from: 0) != nil
      verdict =
        isState ? .damaged("the file's first bytes are not those of a state file") : .foreign
    }
  }

  /// Reads groups until the end of the file or the first thing that cannot be read.
  private mutating func readGroups(_ bytes: Span<UInt8>) -> Verdict {
    committedBytes = StateFormat.headerBytes
    var offset = committedBytes
    while offset < bytes.count {
      let head = StateBlockHead(bytes, at: offset)
      if let head, head.type != StateBlockType.commit.rawValue, head.isIntact(bytes) {
        guard blocks.count < StateFormat.blocksMax else {
          return .damaged("the file has more than \(StateFormat.blocksMax) blocks")
        }
        let group = UInt32(truncatingIfNeeded: groupCount + 1)
        blocks.append(Block(type: head.type, group: group, payload: head.payload))
        offset = head.payload.upperBound
      } else if endGroup(bytes, at: offset) {
        offset = min(offset + 2 * StateCommit.byteCount, bytes.count)
      } else {
        return trouble(bytes, at: offset, head)
      }
    }
    if groupCount > 0, committedBytes == bytes.count { return .whole }
    return trouble(bytes, at: offset, nil)
  }

  /// Ends the group if one of its two commits stands at `end`.
  ///
  /// - Complexity: O(1).
  private mutating func endGroup(_ bytes: Span<UInt8>, at end: Int) -> Bool {
    let expected = StateCommit(
      fileNumber: fileNumber, group: UInt64(groupCount + 1), start: UInt64(committedBytes),
      end: UInt64(end))
    let second = end + StateCommit.byteCount
    let isFirst = StateCommit(bytes, at: end) == expected
    let isSecond = StateCommit(bytes, at: second) == expected
    guard isFirst || isSecond else { return false }
    groupCount += 1
    committedBytes = second
    if second + StateCommit.byteCount <= bytes.count {
      committedBytes += StateCommit.byteCount
      if !isFirst || !isSecond { spoiledCommits += 1 }
    }
    return true
  }

  /// What it means that nothing can be read at `offset`.
  private mutating func trouble(
    _ bytes: Span<UInt8>, at offset: Int, _ head: StateBlockHead?
  ) -> Verdict {
    let group = groupCount + 1
    // The rest of the group was not committed, or cannot be used.
    blocks.removeAll { $0.group >= group }
    let later = LaterCommit.find(
      in: bytes, from: offset, of: fileNumber, group: UInt64(group))
    guard let later else {
      if groupCount == 0 { return .damaged("the file has no commit that can be read") }
      return .tornEnd(bytes: bytes.count - committedBytes)
    }
    if groupCount > 0, later.commit.group == group {
      // Power failed before all of the group was on disk, and its commit was faster.
      let end = min(later.offset, head?.payload.upperBound ?? later.offset)
      if bytes.hasUnwrittenSector(offset..<max(offset, end), after: committedBytes) {
        return .tornEnd(bytes: bytes.count - committedBytes)
      }
    }
    let what = head == nil ? "no block can be read" : "the check sum of a block is wrong"
    return .damaged("\(what) at byte \(offset), in group \(group)")
  }
}

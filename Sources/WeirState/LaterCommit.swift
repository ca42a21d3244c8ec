import WeirBytes

/// A commit that is found by its mark, after a place that cannot be read.
struct LaterCommit {
  let commit: StateCommit
  let offset: Int

  /// The first commit of a group after `group`, or else the first one of `group`, or nil.
  ///
  /// - Parameters:
  ///   - start: Where the search begins; commits that begin before are not found.
  ///   - fileNumber: The file's own number; nil if it is not known, so that any will do.
  /// - Complexity: O(bytes). What only looks like a commit costs no more than its bytes.
  static func find(
    in bytes: Span<UInt8>, from start: Int, of fileNumber: UInt64? = nil, group: UInt64 = 1
  ) -> LaterCommit? {
    let markOffset = StateFormat.blockHeadBytes
    let first = BytePattern(UInt8(truncatingIfNeeded: StateCommit.mark))
    var found: LaterCommit?
    var index = start + markOffset
    while index < bytes.count {
      index = bytes.firstIndex(of: first, from: index, to: bytes.count)
      if index + 8 <= bytes.count, bytes.word(at: index) == StateCommit.mark,
        let commit = StateCommit(bytes, at: index - markOffset),
        fileNumber == nil || fileNumber == commit.fileNumber
      {
        let later = LaterCommit(commit: commit, offset: index - markOffset)
        if commit.group > group { return later }
        if commit.group == group, found == nil { found = later }
      }
      index += 1
    }
    return found
  }
}

extension Span<UInt8> {
  /// Whether one of the sectors that `range` touches has zeros only, apart from what is before
  /// `start`: the disk never got it.
  ///
  /// Disks write whole sectors, and what a file system never wrote reads as zeros.
  ///
  /// - Complexity: O(`range`).
  func hasUnwrittenSector(_ range: Range<Int>, after start: Int) -> Bool {
    let sectorBytes = 512
    var sector = range.lowerBound / sectorBytes * sectorBytes
    while sector < range.upperBound, sector + sectorBytes <= count {
      let part = Swift.max(sector, start)..<sector + sectorBytes
      if part.allSatisfy({ self[$0] == 0 }) { return true }
      sector += sectorBytes
    }
    return false
  }
}

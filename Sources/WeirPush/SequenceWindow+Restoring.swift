extension SequenceWindow {
  /// The words that say which of the last frames have arrived.
  package static var wordCount: Int { words }
  /// No window counts more frames than this.
  package static let countMax: UInt64 = 1 << 60

  /// A window that was saved; nil if no window can be so.
  ///
  /// - Precondition: there are `wordCount` words.
  package init?(
    newest: UInt64, base: UInt64, received: UInt64, late: UInt64, duplicates: UInt64, lost: UInt64,
    seen words: [UInt64]
  ) {
    precondition(words.count == SequenceWindow.words)
    let counts = [received, late, duplicates, lost]
    guard base <= newest, late <= received,
      counts.allSatisfy({ $0 <= SequenceWindow.countMax })
    else { return nil }
    self.init(base: base)
    self.newest = newest
    self.received = received
    self.late = late
    self.duplicates = duplicates
    self.lost = lost
    for (index, word) in words.enumerated() { seen[index] = word }
  }
}

/// The numbers of the state file's format: docs/state.md.
package enum StateFormat {
  /// The first bytes of the file: `WEIRSTAT`.
  package static let magic: [UInt8] = Array("WEIRSTAT".utf8)
  package static let version: UInt32 = 1
  /// Bytes of the file's header.
  package static let headerBytes = 32
  /// Bytes before a block's payload: type, length, check sum.
  package static let blockHeadBytes = 12
  /// The most bytes of a block's payload. Writers begin a new block long before.
  package static let blockBytesMax = 1 << 28
  /// Writers begin a new block after this many bytes of rows.
  package static let rowBlockBytesAim = 256 << 10
  /// The most blocks of a file that is read: 2 blocks for each of a million instances, and as many
  /// increments.
  package static let blocksMax = 1 << 24
  /// The longest file that is read: 40 million counters, or 10 million histograms with 14 bounds.
  package static let fileBytesMax = 4 << 30
}

/// What a block holds. A reader skips a type that it does not know.
package enum StateBlockType: UInt32, Sendable, CaseIterable {
  case commit = 1
  case times = 2
  case key = 3
  case seriesClass = 4
  case series = 5
  case values = 6
  case removed = 7
  case owner = 8
  case ownersRemoved = 9
  case meta = 10
  case forwarder = 11
  case natives = 12
  case summaries = 13
  case sets = 14
  case gauges = 15
  case settings = 16
  case group = 17
  case cloudWatch = 18
  case cluster = 19
}

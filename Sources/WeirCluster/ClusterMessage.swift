import WeirBytes

/// The form of the messages in the log.
///
///     message = version (1 byte) · node (8 bytes) · entry …
///     entry   = kind (1 byte) · length (varint) · payload
///
/// A message without entries only tells the time. docs/cluster.md has the whole form.
package enum ClusterFormat {
  /// The newest version that this Weir reads and writes.
  package static let version: UInt8 = 1
  /// Those that it can write. A log says which one its nodes write, so that nodes are upgraded one by one.
  package static let writable: ClosedRange<UInt8> = max(1, version - 1)...version
  /// Bytes before the first entry.
  package static let headBytes = 9
  /// The most bytes of a message, so that one is a single packet to the servers' disks and no server refuses it.
  package static let messageBytesMax = 64 << 10
  /// Bytes before the payload of an entry: its kind, and a length below 2 MiB.
  package static let entryHeadBytesMax = 4
  /// Kinds of entries from this one on may be skipped by a Weir that does not know them.
  package static let skippable: UInt8 = 128
}

/// What an entry of a message is.
package enum ClusterEntry: UInt8, Sendable, CaseIterable {
  /// A frame of the push protocol that may carry what others have counted.
  case frame = 1
  /// A frame that counts as an application's, whatever it says, because its key may not forward.
  case applicationFrame = 3
  /// The number of a scrape's marker, as a varint.
  case marker = 2
  /// From here on all nodes count with other options.
  case options = 4
  /// A node says who it is: docs/cluster.md.
  case hello = 128
  /// A node begins to write a state, or has written one.
  case state = 129
  /// A node's digest of its view.
  case digest = 130
}

/// Puts entries together to messages of at most `ClusterFormat.messageBytesMax`.
package struct ClusterMessageWriter: Sendable {
  private let node: UInt64
  private let version: UInt8
  private var writer = ByteWriter()

  /// - Parameters:
  ///   - node: The number of the node that writes.
  ///   - version: One of those that are writable.
  package init(node: UInt64, version: UInt8 = ClusterFormat.version) {
    self.node = node
    self.version = version
    begin()
  }

  private mutating func begin() {
    writer.removeAll()
    writer.append(version)
    writer.append(littleEndian: node)
  }

  /// Whether it has no entries.
  package var isEmpty: Bool { writer.bytes.count == ClusterFormat.headBytes }

  /// Whether an entry with a payload of this length would make the message too long. The first one of a message
  /// always fits.
  package func isFull(for payloadBytes: Int) -> Bool {
    !isEmpty
      && writer.bytes.count + ClusterFormat.entryHeadBytesMax + payloadBytes
        > ClusterFormat.messageBytesMax
  }

  package mutating func append(_ entry: ClusterEntry, _ payload: some Collection<UInt8>) {
    writer.append(entry.rawValue)
    writer.append(varint: UInt64(payload.count))
    writer.append(Array(payload))
  }

  package mutating func append(marker number: UInt64) {
    var payload = ByteWriter()
    payload.append(varint: number)
    append(.marker, payload.bytes)
  }

  /// Takes the message, and begins the next one.
  package mutating func take() -> [UInt8] {
    defer { begin() }
    return writer.bytes
  }
}

/// Reads a message. Takes any bytes.
package struct ClusterMessageReader: ~Escapable {
  /// Why a message can't be read.
  package enum Refusal: Error, Sendable, Equatable {
    /// It ends within its head or an entry.
    case short
    /// A newer Weir wrote it.
    case newer(version: UInt8)
    /// It has an entry that this Weir does not know and may not skip.
    case unknown(kind: UInt8)
  }

  /// The node that wrote it.
  package let node: UInt64
  private var cursor: ByteCursor

  @_lifetime(copy bytes)
  package init(_ bytes: Span<UInt8>) throws(Refusal) {
    cursor = ByteCursor(bytes, from: 0, to: bytes.count)
    let version = cursor.byte()
    node = cursor.word()
    if cursor.hasFailed || version == 0 { throw .short }
    if version > ClusterFormat.version { throw .newer(version: version) }
  }

  /// The next entry that this Weir knows, and where its payload is; nil at the end.
  package mutating func next() throws(Refusal) -> (entry: ClusterEntry, payload: Range<Int>)? {
    while cursor.remaining > 0 {
      let kind = cursor.byte()
      let length = cursor.count()
      let start = cursor.skip(length)
      if cursor.hasFailed { throw .short }
      if let entry = ClusterEntry(rawValue: kind) { return (entry, start..<start + length) }
      if kind < ClusterFormat.skippable { throw .unknown(kind: kind) }
    }
    return nil
  }
}

import WeirBytes
import WeirMetrics
import WeirState

/// Encodes what was copied as blocks of the state file: docs/state.md.
struct StateEncoder: ~Copyable {
  /// The entries of the block that is being made.
  var entries = Column<UInt8>(capacity: 64 << 10)
  /// The second of the last block `times`. Times of updates are written as ages before it.
  var second: UInt32 = 0
  var counts = StateCut()

  /// The seconds between a tick and the clock in `times`; 0 if it came later.
  @inline(__always)
  func age(_ tick: UInt32) -> UInt64 { UInt64(second - min(second, tick)) }

  /// Whether the block should end here.
  @inline(__always)
  var isFull: Bool { entries.count >= StateFormat.rowBlockBytesAim }

  /// Appends the entries as a block of their own.
  mutating func end(_ type: StateBlockType, into blocks: inout StateBlocks) {
    blocks.append(type) { $0.append(entries.span) }
    entries.removeAll()
  }

  /// Appends the entries as a block about rows of a table.
  mutating func end(
    _ type: StateBlockType, of segment: RowSegment, count: Int, into blocks: inout StateBlocks
  ) {
    guard count > 0 else { return }
    blocks.append(type) { writer in
      writer.append(varint: segment.classID.index)
      writer.append(varint: segment.shard)
      writer.append(varint: count)
      writer.append(entries.span)
    }
    entries.removeAll()
  }

  mutating func append(_ times: StateTimes, into blocks: inout StateBlocks) {
    second = times.second
    entries.append(varint: UInt64(times.second))
    entries.append(varint: times.wallMilliseconds)
    entries.append(varint: times.bootMilliseconds)
    entries.append(bytes: times.bootID[...])
    entries.append(varint: times.memoryMilliseconds)
    entries.append(varint: times.forgottenMilliseconds)
    end(.times, into: &blocks)
  }

  /// Appends the key of the fingerprints. It is why nobody else may read the file.
  mutating func append(_ key: KeyStream, into blocks: inout StateBlocks) {
    entries.append(varint: StateEncoder.keyScheme)
    entries.append(littleEndian: key.state)
    entries.append(littleEndian: key.salt)
    end(.key, into: &blocks)
  }

  /// How fingerprints are made from the key: `FingerprintKey`, drawn from a `KeyStream`.
  private static let keyScheme: UInt64 = 1

  mutating func append(_ metas: [SavedMeta], into blocks: inout StateBlocks) {
    for meta in metas {
      entries.append(text: meta.name)
      entries.append(text: Array((meta.meta.unit ?? "").utf8))
      entries.append(text: Array((meta.meta.help ?? "").utf8))
      end(.meta, into: &blocks)
      counts.metas += 1
    }
  }

  mutating func append(_ histogram: NativeHistogram) {
    entries.append(varint: Varint.zigzag(Int64(histogram.schema.number)))
    let (keys, numbers) = (histogram.savedKeys, histogram.savedCounts)
    entries.append(varint: keys.count)
    var before: Int64 = 0
    for place in keys.indices {
      entries.append(varint: Varint.zigzag(Int64(keys[place]) - before))
      entries.append(number: numbers[place])
      before = Int64(keys[place])
    }
  }

  /// Appends a count and as many doubles.
  mutating func append(list: [Double]) {
    entries.append(varint: list.count)
    for value in list { entries.append(f64: value) }
  }
}

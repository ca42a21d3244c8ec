import WeirMetrics

/// What a memo keeps in front of a key: one word.
///
/// Lengths and kind stand together, so that one comparison tells whether a key can be that of a
/// sample.
struct MemoHeader {
  static let byteCount = MemoryLayout<UInt64>.size
  /// Tags dropped that a header has room for.
  static let tagsDroppedMax = Int(UInt16.max)

  /// From the lowest bit: 16 of the name's bytes, 16 of the tags', 8 of the kind, 8 of the refusal
  /// plus one or 0, 16 of the tags dropped.
  let bits: UInt64

  @inline(__always)
  init(bits: UInt64) { self.bits = bits }

  /// What the header of a sample's key begins with.
  @inline(__always)
  init(identityOf sample: Sample) {
    bits =
      UInt64(sample.nameLength) | UInt64(sample.tagsLength) << 16
      | UInt64(truncatingIfNeeded: sample.kind.index) << 32
  }

  init(_ sample: Sample, _ known: IdentityMemo.Known) {
    let refusal = known.refusal.map { UInt64($0.rawValue) + 1 } ?? 0
    bits =
      MemoHeader(identityOf: sample).bits | refusal << 40 | UInt64(known.tagsDropped) << 48
  }

  @inline(__always)
  func isOf(_ identity: MemoHeader) -> Bool { bits & 0xFF_FFFF_FFFF == identity.bits }

  @inline(__always)
  var nameLength: Int { Int(bits & 0xFFFF) }

  @inline(__always)
  var tagsLength: Int { Int(bits >> 16 & 0xFFFF) }

  /// Bytes of the header and of the key behind it.
  var recordLength: Int { MemoHeader.byteCount + nameLength + tagsLength }

  @inline(__always)
  func known(_ lease: SeriesLease) -> IdentityMemo.Known {
    let refusal = bits >> 40 & 0xFF
    return IdentityMemo.Known(
      lease: lease, tagsDropped: Int(bits >> 48),
      refusal: refusal == 0 ? nil : Refusal(rawValue: UInt8(refusal - 1)))
  }
}

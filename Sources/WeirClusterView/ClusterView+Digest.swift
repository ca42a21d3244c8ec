import WeirAggregation
import WeirMetrics

extension ClusterView {
  /// A number that is the same on all nodes that have applied the same messages: the sum of a hash of each series with
  /// its values. Exemplars are no part of it.
  ///
  /// - Complexity: O(bytes of the series). Scrapes wait for a piece of 256 series at most.
  package mutating func digest() -> UInt64 {
    owners.mergeGauges()
    catalog.update(from: aggregator)
    var sum: UInt64 = 0
    for family in catalog.families {
      aggregator.forEachSeries(of: family) { piece, index in
        var hash = DigestHash()
        hash.add(UInt64(family.kind.index))
        let spelling = piece.spelling(index)
        for place in spelling.indices { hash.add(spelling[place]) }
        if family.kind == .histogram {
          hash.add(piece.sum(index).bitPattern)
          for bucket in piece.buckets(index) { hash.add(bucket.bitPattern) }
        } else {
          hash.add(piece.value(index, kind: family.kind).bitPattern)
        }
        sum &+= hash.value
      }
    }
    return sum
  }
}

/// FNV-1a with 64 bits (Fowler, Noll, Vo). All nodes compute the same one, in every version.
private struct DigestHash {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ byte: UInt8) {
    value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
  }

  mutating func add(_ word: UInt64) {
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      add(UInt8(truncatingIfNeeded: word >> shift))
    }
  }
}

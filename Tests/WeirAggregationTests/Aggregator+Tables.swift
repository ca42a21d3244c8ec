import WeirBytes
import WeirMetrics

@testable import WeirAggregation

extension Aggregator {
  /// Finds a histogram's row by its spelling, and reads it under its shard's lock.
  func readHistogram<Result: Sendable>(
    _ series: String, _ read: (inout ClassTable, Int) -> Result?
  ) -> Result? {
    let bytes = Array(series.utf8)
    let digest = hash.hash(bytes.span, from: 0, length: bytes.count)
    let shard = Int(truncatingIfNeeded: digest >> 32) & (shards.count - 1)
    return shards[shard].state.withLock { state in
      for index in state.tables.indices {
        let classID = ClassID(index)
        if let lease = state.find(bytes.span, classID, .histogram, hash: digest) {
          return read(&state.tables[classID], lease.row)
        }
      }
      return nil
    }
  }

  /// Reads the table of the only class of histograms of a shard.
  func readHistogramTable<Result: Sendable>(
    shard: Int, _ read: (inout ClassTable) -> Result?
  ) -> Result? {
    shards[shard].state.withLock { state in
      for index in state.tables.indices where state.tables[ClassID(index)].series.count > 0 {
        if state.tables[ClassID(index)].kind == .histogram {
          return read(&state.tables[ClassID(index)])
        }
      }
      return nil
    }
  }

  func native(_ series: String) -> NativeHistogram? {
    readHistogram(series) { table, row in table.observations.native(row) }
  }

  /// The sum of a number of each table of a kind, over all shards.
  func sum(_ kind: MetricKind, _ number: @Sendable (borrowing ClassTable) -> Int) -> Int {
    shards.reduce(0) { sum, shard in
      shard.state.withLock { state in
        var total = 0
        state.forEachTable { if $0.kind == kind { total += number($0) } }
        return sum + total
      }
    }
  }
}

import WeirAggregation

/// Goes over all rows, and writes those that a round sends as frames.
///
///     shard 0: table 0 │ table 1 │ …    shard 1: table 0 │ …         some rows at a time
///
/// A round may be read in parts, so that the frames that wait to be sent take a bounded amount of memory.
package struct ForwardReader: Sendable {
  private let aggregator: Aggregator
  /// By shard and table.
  private var sent: [[SentRows]]
  private var confirmed = ConfirmedFrames()
  private var rows = ForwardRows()
  private var choice = ForwardChoice(since: 0, repeatsUnconfirmed: false, share: 0)
  /// Where the round is.
  private var shard = 0
  private var table = 0
  private var row = 0
  private var waitingSoFar = 0
  /// Series that were sent and not confirmed when the last round was read.
  package private(set) var waiting = 0
  /// Rows that did not fit into the longest frame, since the start.
  package private(set) var tooLong = 0

  package init(_ aggregator: Aggregator) {
    self.aggregator = aggregator
    sent = (0..<aggregator.shardCount).map { _ in [] }
  }

  /// Notes the answer to a frame.
  ///
  /// - Returns: Whether it is the first.
  package mutating func confirm(_ sequence: UInt64) -> Bool { confirmed.confirm(sequence) }

  /// Begins a round.
  package mutating func begin(_ choice: ForwardChoice) {
    self.choice = choice
    (shard, table, row) = (0, 0, 0)
    waitingSoFar = 0
  }

  /// Reads on until the frames have `bytes` bytes, or the round is over. The last frame may be incomplete.
  ///
  /// - Returns: Whether the round is over.
  package mutating func read(into frames: inout ForwardFrames, upTo bytes: Int) -> Bool {
    while shard < sent.count {
      let tables = aggregator.tableCount(ofShard: shard)
      while sent[shard].count < tables { sent[shard].append(SentRows()) }
      while table < sent[shard].count {
        while true {
          let next = aggregator.copyForward(
            shard: shard, table: table, from: row, choice, confirmed, &sent[shard][table],
            into: &rows)
          tooLong += frames.append(rows, &sent[shard][table])
          waitingSoFar += rows.waiting
          guard let next else { break }
          row = next
          if frames.batch.bytes.count >= bytes { return false }
        }
        table += 1
        row = 0
        if frames.batch.bytes.count >= bytes { return false }
      }
      shard += 1
      table = 0
    }
    waiting = waitingSoFar
    return true
  }

  /// Notes that complete frames are about to be sent.
  package mutating func note(_ batch: borrowing FrameBatch) {
    for name in batch.names { confirmed.write(name.sequence) }
  }
}

import WeirBytes
import WeirMetrics

/// What the last reading found, and what CloudWatch has not taken of it.
///
///     total of a series at the last reading + what it gained since = its total now
///     pending of a metric = what its series gained up to the last reading, less what CloudWatch has taken
///
/// A series that is removed leaves its gains in `pending`, so that an outage needs no more memory than there are metrics.
package struct LedgerContents: Sendable {
  /// The patterns of the names that were read. A series of another name was never looked at.
  package var included: [String] = []
  var totals: [[UInt8]: PushedTotal] = [:]
  var pending: [CloudWatchMetric: MetricSum] = [:]

  package init() {}

  package func total(of spelling: [UInt8]) -> PushedTotal? { totals[spelling] }

  package func pending(of metric: CloudWatchMetric) -> MetricSum? { pending[metric] }

  /// Series, and metrics that are pending.
  package var counts: (series: Int, pending: Int) { (totals.count, pending.count) }
}

/// The ledger of all pushes, which is a part of the state on disk.
package final class CloudWatchLedger: Sendable {
  private struct State: Sendable {
    var contents: LedgerContents
    /// Series and metrics that have changed since the last commit.
    var changed: Set<[UInt8]> = []
    var changedMetrics: Set<CloudWatchMetric> = []
    /// Whether the next commit writes everything.
    var isAllChanged = true
  }

  private let state: Locked<State>

  /// - Parameter payloads: Of the blocks of a state file, in order. Any damage makes an empty ledger of them.
  package init(payloads: [[UInt8]] = []) {
    var contents = LedgerContents()
    let isWhole = payloads.allSatisfy { contents.apply($0) }
    state = Locked(State(contents: isWhole ? contents : LedgerContents()))
  }

  /// What is known now. Copies share it until one changes.
  package var contents: LedgerContents { state.withLock { $0.contents } }

  /// Takes the series that exist before anything is received:
  ///
  /// - A series that was read before continues from its last total.
  /// - A new series, whose name was read before, counts from 0.
  /// - Every other series is a baseline: its present total counts as pushed.
  ///
  /// Until then the ledger has the patterns of before, so that a crash in between makes no baseline twice.
  ///
  /// - Parameters:
  ///   - included: The patterns of `--cloudwatch.include`.
  ///   - dimensions: What is pending of metrics with other names or other dimensions is given up.
  /// - Returns: How many series are a baseline that is not 0.
  package func begin(
    _ series: [ReadSeries], included: [String], dimensions: [String] = []
  ) -> Int {
    state.withLock { state in
      let before = state.contents.included.map { NameGlob($0) }
      var baseline = 0
      for one in series {
        guard let total = one.total, state.contents.totals[one.spelling] == nil else { continue }
        let name = SpelledName.raw(one.spelling[..<SpelledName.length(in: one.spelling.span)])
        if before.contains(where: { $0.matches(name) }) { continue }
        state.contents.totals[one.spelling] = total
        if total.cells.contains(where: { $0 != 0 }) { baseline += 1 }
      }
      let now = included.map { NameGlob($0) }
      state.contents.pending = state.contents.pending.filter { metric, _ in
        now.contains { $0.matches(Array(metric.name.utf8)) }
          && metric.dimensions.allSatisfy { dimensions.contains($0.name) }
      }
      state.contents.included = included
      state.isAllChanged = true
      return baseline
    }
  }

  /// Takes what was read: totals, and what metrics gained.
  package func take(_ round: CloudWatchRound) {
    state.withLock { state in
      for (spelling, total) in round.changed {
        state.contents.totals[spelling] = total
        if !state.isAllChanged { state.changed.insert(spelling) }
      }
      for spelling in state.contents.totals.keys where !round.series.contains(spelling) {
        state.contents.totals[spelling] = nil
        if !state.isAllChanged { state.changed.insert(spelling) }
      }
      if !state.isAllChanged {
        for (metric, sum) in round.pending where state.contents.pending[metric] != sum {
          state.changedMetrics.insert(metric)
        }
        for metric in state.contents.pending.keys where round.pending[metric] == nil {
          state.changedMetrics.insert(metric)
        }
      }
      state.contents.pending = round.pending
    }
  }

  /// Forgets what is pending of metrics, because CloudWatch has taken it, or never will.
  package func settle(_ metrics: [CloudWatchMetric]) {
    state.withLock { state in
      for metric in metrics where state.contents.pending.removeValue(forKey: metric) != nil {
        if !state.isAllChanged { state.changedMetrics.insert(metric) }
      }
    }
  }

  // The state file.

  /// Payloads of blocks, each of which changes what those before it say.
  package func takeChanged() -> [[UInt8]] {
    state.withLock { state in
      defer {
        state.isAllChanged = false
        state.changed = []
        state.changedMetrics = []
      }
      return state.isAllChanged
        ? state.contents.payloads
        : state.contents.payloads(of: state.changed, state.changedMetrics)
    }
  }

  /// Payloads of blocks that need none before them.
  package func all() -> [[UInt8]] { state.withLock { $0.contents.payloads } }

  /// Makes the next call of `takeChanged` return everything.
  package func markAll() { state.withLock { $0.isAllChanged = true } }
}

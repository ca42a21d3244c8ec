import WeirBytes
import WeirMetrics

/// How many scrapes there were, how long they took, and how long they kept receivers waiting.
struct ScrapeTotals: Sendable {
  private(set) var buckets = [Double](repeating: 0, count: ScrapeMeter.bounds.bucketCount)
  private(set) var seconds = CompensatedSum()
  private(set) var timedOut = 0.0
  private(set) var hiddenSeries = 0.0
  private(set) var lockedLongestSeconds = 0.0

  var count: Double { buckets.reduce(0, +) }

  mutating func add(_ outcome: ScrapeMeter.Outcome) {
    let duration = outcome.duration / .seconds(1)
    buckets[ScrapeMeter.bounds.bucket(of: duration)] += 1
    seconds.add(duration)
    hiddenSeries += Double(outcome.hiddenSeries)
    if outcome.isTimedOut { timedOut += 1 }
    lockedLongestSeconds = max(lockedLongestSeconds, outcome.lockedLongest / .seconds(1))
  }
}

/// Counts scrapes that have ended.
final class ScrapeMeter: Sendable {
  /// The result of one scrape.
  struct Outcome: Sendable {
    /// Time spent on it, without waiting for its reader.
    var duration = Duration.zero
    /// The longest time that it kept a shard locked.
    var lockedLongest = Duration.zero
    var isTimedOut = false
    /// Series left out because their names as escaped are those of other series.
    var hiddenSeries = 0
  }

  static let bounds = HistogramBounds.standard

  private let totals = Locked(ScrapeTotals())

  var reading: ScrapeTotals { totals.withLock { $0 } }

  func add(_ outcome: Outcome) { totals.withLock { $0.add(outcome) } }
}

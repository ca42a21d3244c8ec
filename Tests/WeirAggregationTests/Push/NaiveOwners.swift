@testable import WeirAggregation

/// What owners' totals come to, in the plainest way: every total by owner and series, merged anew each
/// time it is asked for.
struct NaiveOwners {
  private struct Key: Hashable {
    let instance: UInt64
    let series: String
  }

  private struct Histogram {
    var sum = 0.0
    var count = 0.0
    var buckets: [Int: Double] = [:]
  }

  private var counters: [Key: Double] = [:]
  private var histograms: [Key: Histogram] = [:]
  private var gauges: [Key: (sequence: UInt64, value: Double)] = [:]
  private var increments: [Key: Double] = [:]
  private var seen: Set<[UInt64]> = []

  mutating func apply(_ pushed: Pushed) {
    let isFirst = seen.insert([pushed.instance, pushed.sequence]).inserted
    for record in pushed.records {
      let labels = (pushed.common + record.labels).sorted { $0.0 < $1.0 }
        .map { "\($0.0)=\"\($0.1)\"" }.joined(separator: ",")
      let key = Key(
        instance: pushed.instance,
        series: labels.isEmpty ? record.name : "\(record.name){\(labels)}")
      switch record.value {
      case .counter(let total): counters[key] = max(counters[key] ?? 0, total)
      case .increment(let amount):
        if isFirst { increments[key, default: 0] += amount }
      case .gauge(let value, _):
        if gauges[key].map({ pushed.sequence >= $0.sequence }) ?? true {
          gauges[key] = (pushed.sequence, value)
        }
      case .histogram(_, let sum, let buckets):
        var known = histograms[key] ?? Histogram()
        for (bucket, count) in buckets {
          known.buckets[bucket] = max(known.buckets[bucket] ?? 0, count)
        }
        let count = buckets.values.reduce(0, +)
        if (count, sum) > (known.count, known.sum) { (known.count, known.sum) = (count, sum) }
        histograms[key] = known
      case .gaugeAdd, .observations, .exponential, .members, .sketch:
        preconditionFailure("the model does not know it")
      }
    }
  }

  /// The sum over owners, by series.
  var counterTotals: [String: Double] {
    var totals: [String: Double] = [:]
    for (key, total) in counters { totals[key.series, default: 0] += total }
    for (key, total) in increments { totals[key.series, default: 0] += total }
    return totals
  }

  /// The sum over owners, by series.
  var gaugeSums: [String: Double] {
    var sums: [String: Double] = [:]
    for (key, gauge) in gauges { sums[key.series, default: 0] += gauge.value }
    return sums
  }

  /// The sum over owners, by series; buckets as Weir has them.
  func histogramTotals(buckets count: Int) -> [String: Contents.Histogram] {
    var totals: [String: Contents.Histogram] = [:]
    for (key, histogram) in histograms {
      var total =
        totals[key.series]
        ?? Contents.Histogram(buckets: [Double](repeating: 0, count: count))
      total.sum += histogram.sum
      for (bucket, number) in histogram.buckets { total.buckets[bucket] += number }
      totals[key.series] = total
    }
    return totals
  }
}

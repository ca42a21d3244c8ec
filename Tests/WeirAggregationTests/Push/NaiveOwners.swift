@testable import WeirAggregation

/// The merged values of owners' totals, computed in the simplest way: every total by owner and
/// series, merged each time.
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
  /// Baselines, from before Weir's memory.
  private var counterBaselines: [Key: Double] = [:]
  private var histogramBaselines: [Key: Histogram] = [:]
  /// For older instances, their age when the memory began.
  private var memoryAges: [UInt64: UInt64] = [:]
  /// Owners that have sent no total since the series expired.
  private var expired: Set<Key> = []
  private var newest: [UInt64: UInt64] = [:]
  /// Gauges set in frames up to this one were removed.
  private var gaugesGoneUpTo: [UInt64: UInt64] = [:]
  private var gauges: [Key: (sequence: UInt64, value: Double)] = [:]
  private var increments: [Key: Double] = [:]
  private var seen: Set<[UInt64]> = []

  /// - Parameter uptime: Milliseconds since the start of Weir.
  mutating func apply(_ pushed: Pushed, uptime: UInt64 = 0) {
    if newest[pushed.instance] == nil, pushed.age > uptime + uptime / 4_096 + 10_000 {
      memoryAges[pushed.instance] = pushed.age - uptime - uptime / 4_096
    }
    newest[pushed.instance] = max(newest[pushed.instance] ?? 0, pushed.sequence)
    let isFirst = seen.insert([pushed.instance, pushed.sequence]).inserted
    for record in pushed.records {
      let labels = (pushed.common + record.labels).sorted { $0.0 < $1.0 }
        .map { "\($0.0)=\"\($0.1)\"" }.joined(separator: ",")
      let key = Key(
        instance: pushed.instance,
        series: labels.isEmpty ? record.name : "\(record.name){\(labels)}")
      let isOlder =
        memoryAges[pushed.instance].map { record.time.map { UInt64($0) } ?? .max < $0 } ?? false
      switch record.value {
      case .counter(let total):
        if counters[key] == nil && isOlder { counterBaselines[key] = total }
        if expired.remove(key) != nil { counters[key] = counterBaselines[key] ?? 0 }
        counters[key] = max(counters[key] ?? 0, total)
      case .increment(let amount):
        if isFirst { increments[key, default: 0] += amount }
      case .gauge(let value, _):
        if pushed.sequence > gaugesGoneUpTo[pushed.instance] ?? 0,
          gauges[key].map({ pushed.sequence >= $0.sequence }) ?? true
        {
          gauges[key] = (pushed.sequence, value)
        }
      case .histogram(_, let sum, let buckets):
        var known = histograms[key] ?? Histogram()
        if expired.remove(key) != nil { known = histogramBaselines[key] ?? Histogram() }
        for (bucket, count) in buckets {
          known.buckets[bucket] = max(known.buckets[bucket] ?? 0, count)
        }
        let count = buckets.values.reduce(0, +)
        if (count, sum) > (known.count, known.sum) { (known.count, known.sum) = (count, sum) }
        if histograms[key] == nil && isOlder { histogramBaselines[key] = known }
        histograms[key] = known
      case .gaugeAdd, .observations, .exponential, .members, .sketch, .textGauge:
        preconditionFailure("the model does not know it")
      }
    }
  }

  /// All stay silent until their gauges are removed, they are retired, and every series has
  /// expired.
  mutating func fallSilent() {
    for key in gauges.keys { gaugesGoneUpTo[key.instance] = newest[key.instance] }
    gauges = [:]
    increments = [:]
    expired = Set(counters.keys).union(histograms.keys)
  }

  /// The sum over owners, by series.
  var counterTotals: [String: Double] {
    var totals: [String: Double] = [:]
    for (key, total) in counters where !expired.contains(key) {
      totals[key.series, default: 0] += total - (counterBaselines[key] ?? 0)
    }
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
    for (key, histogram) in histograms where !expired.contains(key) {
      let baseline = histogramBaselines[key] ?? Histogram()
      var total =
        totals[key.series]
        ?? Contents.Histogram(buckets: [Double](repeating: 0, count: count))
      total.sum += histogram.sum - baseline.sum
      for (bucket, number) in histogram.buckets {
        total.buckets[bucket] += number - (baseline.buckets[bucket] ?? 0)
      }
      totals[key.series] = total
    }
    return totals
  }
}

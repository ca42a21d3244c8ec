import WeirMetrics
import WeirPush

/// What one simulated instance has recorded since its start, as clients that push keep it.
struct InstanceTotals {
  private struct Histogram {
    var sum = 0.0
    var buckets = [Double](repeating: 0, count: HistogramBounds.standard.bucketCount)
  }

  private var counters: [GatewaySample.Series: Double] = [:]
  private var histograms: [GatewaySample.Series: Histogram] = [:]
  private var gauges: [GatewaySample.Series: Double] = [:]

  mutating func add(_ sample: GatewaySample) {
    switch sample.value {
    case .count(let amount): counters[sample.series, default: 0] += amount
    case .set(let value): gauges[sample.series] = value
    case .observe(let seconds):
      histograms[sample.series, default: Histogram()].sum += seconds
      histograms[sample.series]?.buckets[HistogramBounds.standard.bucket(of: seconds)] += 1
    }
  }

  /// The sum of all counters of a name.
  func total(of name: String) -> Double {
    counters.reduce(0) { $0 + ($1.key.name == name ? $1.value : 0) }
  }

  /// All totals, and gauges unless they are the last ones: an instance that ends has none.
  func records(last: Bool = false) -> [PushFrameWriter.Record] {
    var records: [PushFrameWriter.Record] = []
    for (series, total) in counters { records.append(.counter(series.pushed, total: total)) }
    for (series, histogram) in histograms {
      records.append(
        .histogram(series.pushed, bounds: nil, sum: histogram.sum, buckets: histogram.buckets))
    }
    guard !last else { return records }
    for (series, value) in gauges { records.append(.gauge(series.pushed, .last, value: value)) }
    return records
  }
}

import WeirMetrics

/// What is pushed of one metric.
package struct CloudWatchDatum: Sendable {
  package enum Value: Sendable, Equatable {
    case single(Double)
    case spread([BucketValues.Weighted])
  }

  package let metric: CloudWatchMetric
  package let unit: CloudWatchUnit
  package let value: Value
  /// The series whose totals the ledger notes when this is answered.
  package let series: [ReadSeries]
}

/// What one reading of all series comes to: what is pushed, and what is not.
package struct CloudWatchRound: Sendable {
  package private(set) var data: [CloudWatchDatum] = []
  /// Metrics that may be pushed, also those that gained nothing.
  package private(set) var metrics: Set<CloudWatchMetric> = []
  /// Metrics beyond the limit.
  package private(set) var metricsOverLimit = 0
  /// Metrics that have a value which CloudWatch refuses, or none at all.
  package private(set) var unusable = 0
  /// Series beyond the limit, among others. Their totals count as pushed, so that they do not come all at once when there is room.
  package fileprivate(set) var passed: [ReadSeries] = []
  /// Every series that was read.
  package fileprivate(set) var series: Set<[UInt8]> = []
}

/// Sums series to metrics, in the order in which they are read.
package struct CloudWatchReader: Sendable {
  fileprivate enum Sum: Sendable {
    case gauge(Double)
    case counter(Double)
    case histogram([HistogramBounds: [Double]])
  }

  private struct Part: Sendable {
    var sum: Sum
    var series: [ReadSeries] = []
  }

  private let labels: DimensionLabels
  private let metricsMax: Int
  private let ledger: LedgerContents
  private var order: [CloudWatchMetric] = []
  private var parts: [CloudWatchMetric: Part] = [:]
  private var room: Int
  private let known: Set<CloudWatchMetric>
  private var overLimit: Set<CloudWatchMetric> = []
  private var namesRefused = 0
  private var round = CloudWatchRound()

  /// - Parameters:
  ///   - known: The metrics of the last round, which keep their places.
  ///   - metricsMax: How many metrics there may be.
  package init(
    labels: DimensionLabels, metricsMax: Int, known: Set<CloudWatchMetric> = [],
    ledger: LedgerContents = LedgerContents()
  ) {
    self.labels = labels
    self.metricsMax = metricsMax
    self.known = known
    self.ledger = ledger
    // The places of known metrics that are gone are free in the next round.
    room = max(0, metricsMax - known.count)
  }

  package mutating func add(_ series: ReadSeries) {
    guard let metric = labels.metric(of: series.spelling) else {
      namesRefused += 1
      return
    }
    let total = series.total
    if total != nil { round.series.insert(series.spelling) }
    if parts[metric] == nil {
      guard takePlace(metric) else {
        overLimit.insert(metric)
        if total != nil { round.passed.append(series) }
        return
      }
      order.append(metric)
    }
    let before = ledger.total(of: series.spelling)
    let gained = total?.gained(since: before) ?? []
    var part = parts[metric] ?? Part(sum: .first(series.value))
    parts[metric] = nil
    // A name has one type, so that only names which became equal can differ.
    if part.sum.add(series.value, gained: gained), let total, total != before {
      part.series.append(series)
    }
    parts[metric] = part
  }

  private mutating func takePlace(_ metric: CloudWatchMetric) -> Bool {
    if known.contains(metric) { return true }
    guard room > 0 else { return false }
    room -= 1
    return true
  }

  package func finish() -> CloudWatchRound {
    var round = round
    round.finish(
      order.map { metric in
        let part = parts[metric]
        return (metric, part?.sum.value, part?.series ?? [], part?.sum.counts ?? false)
      }, overLimit: overLimit.count, namesRefused: namesRefused)
    return round
  }
}

extension CloudWatchRound {
  fileprivate mutating func finish(
    _ parts: [(
      metric: CloudWatchMetric, value: CloudWatchDatum.Value?,
      series: [ReadSeries], counts: Bool
    )], overLimit: Int, namesRefused: Int
  ) {
    metricsOverLimit = overLimit
    unusable = namesRefused
    for part in parts {
      metrics.insert(part.metric)
      guard let value = part.value else {
        // A counter that stands still is not pushed. What is remembered of a new one is that it is there.
        passed += part.series
        continue
      }
      guard value.isUsable else {
        unusable += 1
        passed += part.series
        continue
      }
      data.append(
        CloudWatchDatum(
          metric: part.metric,
          unit: CloudWatchUnit(name: part.metric.name, counts: part.counts), value: value.small,
          series: part.series))
    }
  }
}

extension CloudWatchDatum.Value {
  /// Whether CloudWatch takes all values.
  fileprivate var isUsable: Bool { values.allSatisfy { abs($0) <= CloudWatchLimits.magnitudeMax } }

  private var values: [Double] {
    switch self {
    case .single(let value): [value]
    case .spread(let values): values.flatMap { [$0.value, $0.count] }
    }
  }

  /// Values that are too near to 0 are 0.
  fileprivate var small: CloudWatchDatum.Value {
    func near(_ value: Double) -> Double {
      abs(value) < CloudWatchLimits.magnitudeMin ? 0 : value
    }
    return switch self {
    case .single(let value): .single(near(value))
    case .spread(let values): .spread(values.map { .init(near($0.value), $0.count) })
    }
  }
}

extension CloudWatchReader.Sum {
  fileprivate static func first(_ value: ReadSeries.Value) -> Self {
    switch value {
    case .gauge: .gauge(0)
    case .counter: .counter(0)
    case .histogram: .histogram([:])
    }
  }

  /// - Returns: False if it is of another type.
  fileprivate mutating func add(_ value: ReadSeries.Value, gained: [Double]) -> Bool {
    switch (self, value) {
    case (.gauge(let sum), .gauge(let value)): self = .gauge(sum + value)
    case (.counter(let sum), .counter): self = .counter(sum + gained[0])
    case (.histogram(var sums), .histogram(let bounds, _, _)):
      self = .gauge(0)
      var cells = sums[bounds] ?? [Double](repeating: 0, count: gained.count)
      for index in cells.indices { cells[index] += gained[index] }
      sums[bounds] = cells
      self = .histogram(sums)
    default: return false
    }
    return true
  }

  fileprivate var counts: Bool { if case .counter = self { true } else { false } }

  /// What is pushed; nil if nothing was gained.
  fileprivate var value: CloudWatchDatum.Value? {
    switch self {
    case .gauge(let sum): return .single(sum)
    case .counter(let sum): return sum == 0 ? nil : .single(sum)
    case .histogram(let sums):
      let values = sums.sorted { $0.key.upper.lexicographicallyPrecedes($1.key.upper) }
        .flatMap { bounds, cells in
          BucketValues.place(bounds, buckets: Array(cells.dropFirst()), sum: cells[0])
        }
      return values.isEmpty ? nil : .spread(values)
    }
  }
}

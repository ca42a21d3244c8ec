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
}

/// What one reading of all series comes to: what is pushed, and what is not.
package struct CloudWatchRound: Sendable {
  package private(set) var data: [CloudWatchDatum] = []
  /// Metrics that may be pushed, also those that gained nothing.
  package private(set) var metrics: Set<CloudWatchMetric> = []
  /// Metrics beyond the limit. What they gain counts as pushed, so that it does not come all at once when there is room.
  package fileprivate(set) var metricsOverLimit = 0
  /// Metrics that CloudWatch can't take: it refuses their name or value, or they have two types.
  package fileprivate(set) var unusable: Set<String> = []

  // For the ledger.

  /// Series whose total is not that of the last reading.
  fileprivate(set) var changed: [(spelling: [UInt8], total: PushedTotal)] = []
  /// Every series with a total that was read.
  fileprivate(set) var series: Set<[UInt8]> = []
  /// What metrics gained and CloudWatch has not taken.
  fileprivate(set) var pending: [CloudWatchMetric: MetricSum] = [:]
}

/// Sums series to metrics, in the order in which they are read.
package struct CloudWatchReader: Sendable {
  private let labels: DimensionLabels
  private let ledger: LedgerContents
  private let known: Set<CloudWatchMetric>
  private var room: Int
  private var order: [CloudWatchMetric] = []
  private var sums: [CloudWatchMetric: MetricSum] = [:]
  private var overLimit: Set<CloudWatchMetric> = []
  private var round = CloudWatchRound()

  /// - Parameters:
  ///   - known: The metrics of the last round, which keep their places.
  ///   - metricsMax: How many metrics there may be.
  package init(
    labels: DimensionLabels, metricsMax: Int, known: Set<CloudWatchMetric> = [],
    ledger: LedgerContents = LedgerContents()
  ) {
    self.labels = labels
    self.ledger = ledger
    self.known = known.union(ledger.pending.keys)
    // The places of known metrics that are gone are free in the next round.
    room = max(0, metricsMax - self.known.count)
  }

  package mutating func add(_ series: ReadSeries) {
    let total = series.total
    if total != nil { round.series.insert(series.spelling) }
    guard let metric = labels.metric(of: series.spelling) else {
      note(series, total)
      return unusable(CloudWatchMetric.shownName(of: series.spelling))
    }
    guard hasPlace(metric) else {
      overLimit.insert(metric)
      return note(series, total)
    }
    let gained = total?.gained(since: ledger.total(of: series.spelling)) ?? []
    var sum = sums[metric] ?? MetricSum(like: series.value)
    sums[metric] = nil
    // A name has one type. Others differ if names became equal, or a series came back with another type.
    if sum.add(series.value, gained: gained) {
      note(series, total)
    } else {
      unusable(metric.description)
    }
    sums[metric] = sum
  }

  private mutating func hasPlace(_ metric: CloudWatchMetric) -> Bool {
    if sums[metric] != nil { return true }
    if !known.contains(metric) {
      guard room > 0 else { return false }
      room -= 1
    }
    order.append(metric)
    sums[metric] = ledger.pending[metric]
    return true
  }

  private mutating func note(_ series: ReadSeries, _ total: PushedTotal?) {
    guard let total, total != ledger.total(of: series.spelling) else { return }
    round.changed.append((series.spelling, total))
  }

  private mutating func unusable(_ name: String) { round.unusable.insert(name) }

  package consuming func finish() -> CloudWatchRound {
    // Their series are gone. What these gained before is not.
    let left = ledger.pending.filter { sums[$0.key] == nil }
      .sorted { $0.key.description < $1.key.description }
    for (metric, sum) in left { round.add(metric, sum) }
    for metric in order {
      if let sum = sums[metric] { round.add(metric, sum) }
    }
    round.metricsOverLimit = overLimit.count
    return round
  }
}

extension CloudWatchRound {
  fileprivate mutating func add(_ metric: CloudWatchMetric, _ sum: MetricSum) {
    metrics.insert(metric)
    // A counter that stands still is not pushed.
    guard let value = sum.value else { return }
    guard value.isUsable else {
      unusable.insert(metric.description)
      return
    }
    if !sum.isGauge { pending[metric] = sum }
    data.append(
      CloudWatchDatum(
        metric: metric, unit: CloudWatchUnit(name: metric.name, counts: sum.isCounter),
        value: value.small))
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

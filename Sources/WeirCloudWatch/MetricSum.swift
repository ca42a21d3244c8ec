import WeirMetrics

/// What the series of a metric come to: the sum of their values if they are gauges, else of what they gained.
package enum MetricSum: Sendable, Equatable {
  case gauge(Double)
  case counter(Double)
  /// For each layout of buckets the sum, then the count of each bucket.
  case histogram([HistogramBounds: [Double]])

  /// Nothing yet, for series like one with this value.
  init(like value: ReadSeries.Value) {
    switch value {
    case .gauge: self = .gauge(0)
    case .counter: self = .counter(0)
    case .histogram: self = .histogram([:])
    }
  }

  /// - Parameter gained: What each cell of the series' total gained; empty for a gauge.
  /// - Returns: False if the series is of another kind, and so was not added.
  mutating func add(_ value: ReadSeries.Value, gained: [Double]) -> Bool {
    switch (self, value) {
    case (.gauge(let sum), .gauge(let value)): self = .gauge(sum + value)
    case (.counter(let sum), .counter): self = .counter(sum + gained[0])
    case (.histogram(var sums), .histogram(let bounds, _, _)):
      // Without a second copy, so that the cells are changed in place.
      self = .gauge(0)
      var cells = sums[bounds] ?? [Double](repeating: 0, count: gained.count)
      for index in cells.indices { cells[index] += gained[index] }
      sums[bounds] = cells
      self = .histogram(sums)
    default: return false
    }
    return true
  }

  var isCounter: Bool { if case .counter = self { true } else { false } }

  var isGauge: Bool { if case .gauge = self { true } else { false } }

  /// What is pushed; nil if nothing was gained.
  var value: CloudWatchDatum.Value? {
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

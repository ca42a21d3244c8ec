import WeirMetrics

/// A series as a scrape would show it now.
package struct ReadSeries: Sendable {
  package enum Value: Sendable {
    case gauge(Double)
    /// What was counted since the series began.
    case counter(Double)
    /// The count of each bucket alone, `+Inf` last. A summary has no bounds.
    case histogram(HistogramBounds, buckets: [Double], sum: Double)
  }

  /// `name` or `name{label="value",…}`.
  package let spelling: [UInt8]
  /// When it began, in seconds since 1970; 0 if nobody knows. A series with another start is another one.
  package let startUnixSeconds: UInt32
  package let value: Value

  package init(_ spelling: [UInt8], startUnixSeconds: UInt32 = 0, _ value: Value) {
    self.spelling = spelling
    self.startUnixSeconds = startUnixSeconds
    self.value = value
  }

  /// Its total, of which gains are differences; nil for a gauge.
  var total: PushedTotal? {
    switch value {
    case .gauge: nil
    case .counter(let value): PushedTotal(startUnixSeconds, [value])
    case .histogram(_, let buckets, let sum): PushedTotal(startUnixSeconds, [sum] + buckets)
    }
  }
}

/// What a series had when it was pushed.
package struct PushedTotal: Sendable, Equatable {
  package let startUnixSeconds: UInt32
  /// A counter's value, or a histogram's sum and buckets.
  package let cells: [Double]

  package init(_ startUnixSeconds: UInt32, _ cells: [Double]) {
    self.startUnixSeconds = startUnixSeconds
    self.cells = cells
  }

  /// What was gained since `before`.
  ///
  /// All of it, if `before` is nil or of a series that is gone. Nothing, if the series has less than before: then a
  /// crash took some of it. Where nobody knows when a series began, less than before is a series that began again.
  func gained(since before: PushedTotal?) -> [Double] {
    guard let before, before.startUnixSeconds == startUnixSeconds,
      before.cells.count == cells.count
    else { return cells }
    // Counts never fall. The sum of a histogram may.
    let counts = cells.count > 1 ? 1 : 0
    let hasFallen = zip(cells.dropFirst(counts), before.cells.dropFirst(counts)).contains {
      $0 < $1
    }
    if !hasFallen { return zip(cells, before.cells).map { $0 - $1 } }
    return startUnixSeconds == 0 ? cells : cells.map { _ in 0 }
  }
}

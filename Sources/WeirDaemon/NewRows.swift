import WeirMetrics

/// Shows each new row of Weir's own counters as 0 first: Prometheus' `increase` counts from the
/// first value that it sees, so what a row begins with would be lost.
///
/// A row is 0 in the first scrape that shows it, and in all others within the time for which a new
/// series of a sender is (`--series.zero-first`). There are no more rows than `LimitTally` keeps.
struct NewRows: Sendable {
  private let zeroFirst: Duration
  /// When each row was first shown, by its name and labels.
  private var shown: [String: ContinuousClock.Instant] = [:]

  init(zeroFirst: Duration) {
    self.zeroFirst = zeroFirst
  }

  /// The family with its new rows shown as 0.
  mutating func showingNewRowsAsZero(_ family: OwnFamily, at now: ContinuousClock.Instant)
    -> OwnFamily
  {
    guard family.gainsRows, case .samples(let samples) = family.values else { return family }
    let shownSamples = samples.map { sample in
      let key = family.name + sample.labels
      guard let first = shown[key] else {
        shown[key] = now
        return (labels: sample.labels, value: 0.0)
      }
      return now - first < zeroFirst ? (labels: sample.labels, value: 0) : sample
    }
    var copy = OwnFamily(family.name, family.type, family.help, samples: shownSamples)
    copy.gainsRows = true
    return copy
  }
}

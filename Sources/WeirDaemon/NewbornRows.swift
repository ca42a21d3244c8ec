import WeirMetrics

/// Shows each row that joins one of Weir's own counters as 0 first: Prometheus' `increase` counts from
/// the first value that it sees, so that what a row is born with would be lost.
///
/// A row is 0 in the first scrape that shows it, and in all others within the time for which a sender's
/// new series is (`--series.zero-first`). There are no more rows than `LimitTally` keeps.
struct NewbornRows: Sendable {
  private let zeroFirst: Duration
  /// When each was first shown, by its name and labels.
  private var shown: [String: ContinuousClock.Instant] = [:]

  init(zeroFirst: Duration) {
    self.zeroFirst = zeroFirst
  }

  /// The family with its new rows at 0.
  mutating func settle(_ family: OwnFamily, at now: ContinuousClock.Instant) -> OwnFamily {
    guard family.gainsRows, case .samples(let samples) = family.values else { return family }
    let settled = samples.map { sample in
      let key = family.name + sample.labels
      guard let first = shown[key] else {
        shown[key] = now
        return (labels: sample.labels, value: 0.0)
      }
      return now - first < zeroFirst ? (labels: sample.labels, value: 0) : sample
    }
    var settledFamily = OwnFamily(family.name, family.type, family.help, samples: settled)
    settledFamily.gainsRows = true
    return settledFamily
  }
}

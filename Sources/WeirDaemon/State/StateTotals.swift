import WeirMetrics

/// What Weir's own metrics say about commits.
struct StateTotals: Sendable, Equatable {
  /// By the bucket of `ScrapeMeter.bounds`.
  var commits = [Double](repeating: 0, count: ScrapeMeter.bounds.bucketCount)
  var commitSeconds = CompensatedSum()
  var lastCommitSeconds = 0.0
  /// Commits that the disk refused, and those that took too long.
  var commitsFailed = 0
  var commitsLate = 0
  var bytesWritten = 0
  /// Bytes of the state file; 0 if there is none.
  var fileBytes = 0
  /// New bases that replaced the file.
  var bases = 0
  var basesAbandoned = 0
  /// Answers to frames that were not sent because too many waited.
  var answersDropped = 0

  var commitCount: Double { commits.reduce(0, +) }

  mutating func addCommit(_ duration: Duration) {
    let seconds = duration / .seconds(1)
    commits[ScrapeMeter.bounds.bucket(of: seconds)] += 1
    commitSeconds.add(seconds)
    lastCommitSeconds = seconds
  }
}

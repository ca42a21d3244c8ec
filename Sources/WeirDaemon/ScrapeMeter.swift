import WeirMetrics

/// How many scrapes there were and how long they took.
struct ScrapeMeter: Sendable {
  static let bounds = HistogramBounds.standard

  private(set) var buckets = [Double](repeating: 0, count: ScrapeMeter.bounds.bucketCount)
  private(set) var seconds = CompensatedSum()

  var count: Double { buckets.reduce(0, +) }

  mutating func add(seconds duration: Double) {
    buckets[ScrapeMeter.bounds.bucket(of: duration)] += 1
    seconds.add(duration)
  }
}

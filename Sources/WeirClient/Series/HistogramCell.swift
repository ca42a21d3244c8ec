import Glibc
import WeirMetrics

/// A histogram's buckets and sum, separately for each stripe.
///
/// ```
/// words   0      1     2 … 2 + bucketCount - 1    padding to a cache line
///         lock   sum   buckets                                             next stripe …
/// ```
///
/// Sum and buckets are sent in one record and must contain the same observations. Prometheus' Go
/// client switches between two sets of buckets, which costs three locked instructions per
/// observation and makes the reader wait for the writers of the old set. Here each stripe has a
/// lock that takes one locked instruction and is released by a plain store. A thread never waits
/// for it: if a stripe is locked, it uses the next one. So a thread that is preempted while it
/// holds a stripe delays only the flush, and an observation in a signal handler that interrupts
/// another one works too.
final class HistogramCell: Sendable {
  let exemplar = ExemplarSlot()
  let gate: SeriesGate
  let bounds: HistogramBounds
  private let buckets: BucketSearch
  private let words: AtomicWords
  private let mask: Int
  /// Words of a stripe: whole cache lines.
  private let stride: Int

  private static let sumOffset = 1
  private static let bucketsOffset = 2

  init(
    bounds: HistogramBounds = .standard, stripes: Int = Stripes.count, isSurplus: Bool = false
  ) {
    gate = SeriesGate(isSurplus: isSurplus)
    self.bounds = bounds
    buckets = BucketSearch(bounds)
    let used = HistogramCell.bucketsOffset + bounds.bucketCount
    stride = (used + AtomicWords.perLine - 1) / AtomicWords.perLine * AtomicWords.perLine
    mask = stripes - 1
    words = AtomicWords(count: stripes * stride)
  }

  /// Records a value that the gate accepts.
  @inline(__always)
  func observe(_ value: Double) {
    let bucket = HistogramCell.bucketsOffset &+ buckets.bucket(of: value)
    let first = Stripes.current
    var stripe = first
    while true {
      let start = (stripe & mask) &* stride
      if words.lock(at: start) {
        let sum = start &+ HistogramCell.sumOffset
        words.store((Double(bitPattern: words.load(at: sum)) + value).bitPattern, at: sum)
        words.store(words.load(at: start &+ bucket) &+ 1, at: start &+ bucket)
        words.unlock(at: start)
        return
      }
      stripe &+= 1
      // All stripes are locked, by threads that have been preempted.
      if stripe &- first > mask { yieldProcessor(&stripe, to: first) }
    }
  }

  @inline(never)
  private func yieldProcessor(_ stripe: inout Int, to first: Int) {
    sched_yield()
    stripe = first
  }

  /// The totals. Each observation is included completely or not at all.
  struct Totals: Equatable, Sendable {
    var sum = 0.0
    var buckets: [Double]

    var count: Double { buckets.reduce(0, +) }
  }

  /// Locks one stripe after another, for some nanoseconds each. Must not be called by a recording
  /// thread.
  var totals: Totals {
    var totals = Totals(buckets: [Double](repeating: 0, count: bounds.bucketCount))
    for stripe in 0...mask {
      let start = stripe * stride
      while !words.lock(at: start) { sched_yield() }
      totals.sum += Double(bitPattern: words.load(at: start + HistogramCell.sumOffset))
      for bucket in totals.buckets.indices {
        totals.buckets[bucket] += Double(
          words.load(at: start + HistogramCell.bucketsOffset + bucket))
      }
      words.unlock(at: start)
    }
    totals.sum = CompensatedSum.clamped(totals.sum)
    return totals
  }

  /// Sets all totals to 0. No other thread may record at the same time.
  func reset() {
    for word in 0..<words.count { words.store(0, at: word) }
    exemplar.clear()
  }
}

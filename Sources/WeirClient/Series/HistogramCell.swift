import Glibc
import WeirMetrics

/// A histogram's buckets and sum, for each stripe by itself.
///
/// Buckets and sum go into one record and must be of the same observations. Prometheus' client for Go
/// has two sets of buckets that change places, which costs an observation three locked instructions
/// and lets the reader wait for the writers of the old set. Here a stripe has a lock, taken by one
/// locked instruction and given back by a plain store; between them all is plain. Nobody waits for it:
/// who finds it taken goes on to the next stripe. So a thread that loses its processor while it
/// has a stripe holds up nobody but the flush, and an observation in a signal handler, which
/// interrupts another, has its place too.
final class HistogramCell: Sendable {
  let exemplar = ExemplarSlot()
  let gate: SeriesGate
  let bounds: HistogramBounds
  private let buckets: BucketSearch
  private let words: AtomicWords
  private let mask: Int
  /// Words of a stripe: whole cache lines, of which the first begins with lock and sum.
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

  /// Counts a value that the gate admits.
  @inline(__always)
  func observe(_ value: Double) {
    let bucket = HistogramCell.bucketsOffset &+ buckets.bucket(of: value)
    let first = Stripes.current
    var stripe = first
    while true {
      let start = (stripe & mask) &* stride
      if words.lock(start) {
        let sum = start &+ HistogramCell.sumOffset
        words.store((Double(bitPattern: words.load(sum)) + value).bitPattern, sum)
        words.store(words.load(start &+ bucket) &+ 1, start &+ bucket)
        words.unlock(start)
        return
      }
      stripe &+= 1
      // All are taken: as many threads have lost their processors as there are stripes.
      if stripe &- first > mask { yieldProcessor(&stripe, to: first) }
    }
  }

  @inline(never)
  private func yieldProcessor(_ stripe: inout Int, to first: Int) {
    sched_yield()
    stripe = first
  }

  /// What was observed so far: an observation is in it whole or not at all.
  struct Totals: Equatable, Sendable {
    var sum = 0.0
    var buckets: [Double]

    var count: Double { buckets.reduce(0, +) }
  }

  /// Takes one stripe after the other, for some nanoseconds each; never from a recording thread.
  var totals: Totals {
    var totals = Totals(buckets: [Double](repeating: 0, count: bounds.bucketCount))
    for stripe in 0...mask {
      let start = stripe * stride
      while !words.lock(start) { sched_yield() }
      totals.sum += Double(bitPattern: words.load(start + HistogramCell.sumOffset))
      for bucket in totals.buckets.indices {
        totals.buckets[bucket] += Double(words.load(start + HistogramCell.bucketsOffset + bucket))
      }
      words.unlock(start)
    }
    totals.sum = CompensatedSum.clamped(totals.sum)
    return totals
  }

  /// Begins at 0 again, while no other thread records.
  func reset() {
    for word in 0..<words.count { words.store(0, word) }
    exemplar.clear()
  }
}

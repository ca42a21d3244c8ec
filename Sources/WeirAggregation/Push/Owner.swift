import WeirBytes
import WeirMetrics
import WeirPush

/// All that is known of one instance: its totals, its gauges, and which of its frames have come.
struct Owner: Sendable {
  let id: InstanceID
  var entries = OwnerEntries()
  var window: SequenceWindow
  /// The totals of histograms with explicit buckets, one after the other: `HistogramTotal`.
  var cells: [Double] = []
  /// Those with exponential ones.
  var exponentials: [ExponentialTotal] = []
  /// What the buckets of those take.
  var exponentialBytes = 0
  /// The parts of counters' totals that count as told before.
  var baselines: [Double] = []
  /// Entries of gauges that have, or had, a value since gauges last left.
  var gauges: [Int] = []
  /// What `gauge_add` records have told, by entry; most owners have none.
  var gaugeChanges: [Int: GaugeChanges] = [:]
  /// Its age where Weir's memory begins, in milliseconds; 0 for one that is not older: `OwnerMemory`.
  let memoryAge: UInt64
  /// When it was first and last heard of, in seconds since the start of Weir.
  let firstSecond: UInt32
  var lastSecond: UInt32
  /// Gauges set in frames up to this one have left, or were never let in.
  var gaugesGoneUpTo: UInt64 = 0
  var hasGauges = false
  var isRetired = false
  /// Whether it has said that it ends.
  var isFinished = false
  /// Whether it has brought no record that could be applied: then nothing is lost with it.
  var isEmpty = true

  init(id: InstanceID, base: UInt64, memoryAge: UInt64, second: UInt32) {
    self.id = id
    window = SequenceWindow(base: base)
    self.memoryAge = memoryAge
    firstSecond = second
    lastSecond = second
  }
}

extension Owner {
  /// Seconds after its first frame in which totals of an older instance that do not tell when they began
  /// are baselines: a client repeats each within a minute.
  private static let untoldSeconds: UInt32 = 120

  /// What it takes of `OwnerLimits.totalsMax`: a total for each entry, and one more for each
  /// `OwnerLimits.totalBytes` of what else it takes.
  var taken: Int {
    let more =
      (cells.count + baselines.count) * MemoryLayout<Double>.stride
      + gauges.count * Owner.gaugeBytes + gaugeChanges.count * GaugeChanges.bytesMax
      + exponentialBytes
    return entries.count + (more + OwnerLimits.totalBytes - 1) / OwnerLimits.totalBytes
  }

  /// A gauge's value in its group, and its place in `gauges`.
  static let gaugeBytes = MemoryLayout<GaugeGroups.Member>.stride + 16

  /// Whether the first total that it tells of a series is a baseline: its series began before Weir's
  /// memory, and only what it gains is counted.
  func isBaseline(_ record: PushRecord, second: UInt32) -> Bool {
    guard memoryAge > 0 else { return false }
    if let began = record.beganMilliseconds { return began < memoryAge }
    return second - min(second, firstSecond) <= Owner.untoldSeconds
  }

  /// Sets the known total of an entry whose series has expired back to what counts as told before, so
  /// that all the rest is given to the new series.
  ///
  /// - Parameter layout: The bounds of the new series' class.
  mutating func resetTotal(_ entry: Int, into layout: HistogramBounds) {
    entries[entry].isHeld = false
    guard entries[entry].hasTotal else { return }
    let (first, detail) = (entries[entry].first, Int(entries[entry].detail))
    let hasBaseline = entries[entry].hasBaseline
    switch entries[entry].about {
    case PushRecord.about(.counter): entries[entry].total = hasBaseline ? baselines[detail] : 0
    case PushRecord.about(.histogram):
      let count = HistogramTotal.firstBucket + PushedBounds.count(ofID: UInt64(detail))
      for cell in Int(first)..<Int(first) + count {
        cells[cell] = hasBaseline ? cells[cell + count] : 0
      }
    case PushRecord.about(.exponential):
      let schema = exponentials[Int(first)].buckets.schema
      if hasBaseline { withExponential(detail) { $0 = $0.refolded(into: layout) } }
      let known = hasBaseline ? exponentials[detail] : ExponentialTotal(schema)
      withExponential(Int(first)) { $0 = known }
    default: return
    }
  }

  /// Makes room for the total of a histogram with explicit buckets.
  ///
  /// - Parameter withBaseline: Whether a second one follows it, of what counts as told before.
  mutating func beginCells(_ entry: Int, _ fold: BucketFold, withBaseline: Bool) {
    let count = (HistogramTotal.firstBucket + fold.count) * (withBaseline ? 2 : 1)
    entries[entry].first = UInt64(cells.count)
    entries[entry].detail = fold.pushed.id
    cells.reserveSparingly(count)
    cells.append(contentsOf: repeatElement(0, count: count))
  }

  /// Adds the total of a histogram with exponential buckets, and returns its index.
  mutating func addExponential(_ total: ExponentialTotal) -> UInt64 {
    exponentials.reserveSparingly(1)
    exponentials.append(total)
    exponentialBytes += total.bytesHeld
    return UInt64(exponentials.count - 1)
  }

  /// Lends such a total, to be changed.
  mutating func withExponential<Result>(
    _ index: Int, _ body: (inout ExponentialTotal) -> Result
  ) -> Result {
    let before = exponentials[index].bytesHeld
    let result = body(&exponentials[index])
    exponentialBytes += exponentials[index].bytesHeld - before
    return result
  }

  /// Series that are kept for its sake, which it no longer needs: it has ended, fallen silent, or is
  /// forgotten.
  mutating func takeHeldSeries(into released: inout [SeriesLease]) {
    for index in 0..<entries.count where entries[index].isHeld {
      entries[index].isHeld = false
      released.append(entries[index].lease)
    }
  }
}

/// The total of a histogram with explicit buckets, which lies in `Owner.cells`: the sum, the number of
/// observations that it is of, and the number in each bucket.
enum HistogramTotal {
  static let sum = 0
  static let count = 1
  static let firstBucket = 2
}

import WeirBytes
import WeirMetrics
import WeirPush

/// Everything that is known about one instance: its totals, its gauges, and which of its frames
/// have arrived.
struct Owner: Sendable {
  let id: InstanceID
  var entries = OwnerEntries()
  var window: SequenceWindow
  /// The totals of histograms with explicit buckets, one after another: `HistogramTotal`. Between them,
  /// what is known of gauges that text sets: `TextGauge`.
  var cells: [Double] = []
  /// The totals of histograms with exponential buckets.
  var exponentials: [ExponentialTotal] = []
  /// The memory of `exponentials` in bytes.
  var exponentialBytes = 0
  /// The baselines of counters: the parts of totals that Weir does not count.
  var baselines: [Double] = []
  /// Entries of gauges that have had a value since gauges were last removed.
  var gauges: [Int] = []
  /// The changes from `gauge_add` records, by entry; most owners have none.
  var gaugeChanges: [Int: GaugeChanges] = [:]
  /// Its age when Weir's memory began, in milliseconds; 0 if it is not older: `OwnerMemory`.
  let memoryAge: UInt64
  /// When its first and its last frame arrived, in seconds since the start of Weir.
  let firstSecond: UInt32
  var lastSecond: UInt32
  /// Gauge values in frames up to this one were removed, or are ignored.
  var gaugesGoneUpTo: UInt64 = 0
  var hasGauges = false
  var isRetired = false
  /// Whether it has sent its last frame.
  var isFinished = false
  /// Whether its last frame said that it forwards what others have counted.
  var isForwarder = false
  /// The epoch of its shard in which it was added, and the one in which it last changed:
  /// `OwnerShardState.epoch`.
  var addedIn: UInt32 = 0
  var changedIn: UInt32 = 0
  /// Whether a state file says which of its entries a fingerprint finds. Other entries were made by
  /// records, so that they are about the same.
  var isRestored = false
  /// Whether it has sent no record that could be applied. Nothing is lost if it is forgotten.
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
  /// An older instance's totals without a start time are baselines if they arrive within this many
  /// seconds after its first frame. A client repeats each total within a minute.
  private static let untoldSeconds: UInt32 = 120

  /// How much it takes of `OwnerLimits.totalsMax`: one for each entry, and one more for each
  /// `OwnerLimits.totalBytes` of its other memory.
  var taken: Int {
    let more =
      (cells.count + baselines.count) * MemoryLayout<Double>.stride
      + gauges.count * Owner.gaugeBytes + gaugeChanges.count * GaugeChanges.bytesMax
      + exponentialBytes
    return entries.count + (more + OwnerLimits.totalBytes - 1) / OwnerLimits.totalBytes
  }

  /// A gauge's value in its group, and its index in `gauges`.
  static let gaugeBytes = MemoryLayout<GaugeGroups.Member>.stride + 16

  /// Whether its first total of a series is a baseline: the series began before Weir's memory, so
  /// that only gains are counted.
  func isBaseline(_ record: PushRecord, second: UInt32) -> Bool {
    guard memoryAge > 0 else { return false }
    if let began = record.beganMilliseconds { return began < memoryAge }
    return second - min(second, firstSecond) <= Owner.untoldSeconds
  }

  /// Resets the total of an entry whose series has expired to its baseline, so that everything
  /// above it is added to the new series.
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

  /// Makes space for the total of a histogram with explicit buckets.
  ///
  /// - Parameter withBaseline: Whether a second one follows it that holds the baseline.
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

  /// Passes such a total to `body`, which may change it.
  mutating func withExponential<Result>(
    _ index: Int, _ body: (inout ExponentialTotal) -> Result
  ) -> Result {
    let before = exponentials[index].bytesHeld
    let result = body(&exponentials[index])
    exponentialBytes += exponentials[index].bytesHeld - before
    return result
  }

  /// Takes out all series that it holds, because it has ended, is silent, or is forgotten.
  mutating func takeHeldSeries(into released: inout [SeriesLease]) {
    for index in 0..<entries.count where entries[index].isHeld {
      entries[index].isHeld = false
      released.append(entries[index].lease)
    }
  }
}

/// The total of a histogram with explicit buckets in `Owner.cells`: the sum, the number of
/// observations in that sum, and the number in each bucket.
enum HistogramTotal {
  static let sum = 0
  static let count = 1
  static let firstBucket = 2
}

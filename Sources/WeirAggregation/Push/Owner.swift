import WeirBytes
import WeirMetrics

/// All that is known of one instance: its totals, its gauges, and which of its frames have come.
struct Owner: Sendable {
  let id: InstanceID
  var entries = OwnerEntries()
  var window: SequenceWindow
  /// The totals of histograms with explicit buckets, one after the other: `HistogramTotal`.
  var cells: [Double] = []
  /// Those with exponential ones.
  var exponentials: [ExponentialTotal] = []
  /// Entries of gauges that have, or had, a value since gauges last left.
  var gauges: [Int] = []
  /// What `gauge_add` records have told, by entry; most owners have none.
  var gaugeChanges: [Int: GaugeChanges] = [:]
  /// When it was first and last heard of, in seconds since the start of Weir.
  let firstSecond: UInt32
  var lastSecond: UInt32
  /// Gauges set in frames up to this one have left, or were never let in.
  var gaugesGoneUpTo: UInt64 = 0
  var hasGauges = false
  var isAbsorbed = false
  /// Whether it has said that it ends.
  var isFinished = false

  init(id: InstanceID, base: UInt64, second: UInt32) {
    self.id = id
    window = SequenceWindow(base: base)
    firstSecond = second
    lastSecond = second
  }
}

extension Owner {
  /// What it takes of `OwnerLimits.totalsMax`: a total each, and one more for what as much memory as a
  /// total takes.
  var taken: Int { entries.count + cells.count / 8 + exponentials.count * 60 }
}

/// The total of a histogram with explicit buckets, which lies in `Owner.cells`: the sum, the number of
/// observations that it is of, and the number in each bucket.
enum HistogramTotal {
  static let sum = 0
  static let count = 1
  static let firstBucket = 2
}

/// The total of a histogram with exponential buckets.
struct ExponentialTotal: Sendable {
  var buckets: NativeHistogram
  /// How many observations are known to be no greater than each of the series' classic bounds: the most
  /// that any frame could tell. Empty until the first frame.
  ///
  /// A frame in a coarser schema tells less of the lower bounds than a finer one before it, so that what
  /// the last one tells would depend on the order of arrival, and could fall.
  var cumulative: [Double] = []
  var sum = 0.0
  /// The number of observations that the sum is of.
  var count = 0.0

  init(_ schema: ExponentialSchema) {
    buckets = NativeHistogram(schema: schema)
  }
}

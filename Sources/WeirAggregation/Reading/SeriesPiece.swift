import WeirMetrics

/// Some series of one family, copied while their shards' locks were held, a few at a time. Each
/// series is consistent. The values are read without locks, and the piece is reused.
package struct SeriesPiece: Sendable {
  /// The most series that are read at once. They keep a shard locked for some microseconds, and are
  /// enough to make the cost of the locks small.
  package static let seriesMax = 256

  /// Where a series' spelling is in `text`.
  private struct Place: BitwiseCopyable {
    // All series of a piece have less than 4 GiB.
    var start: UInt32 = 0
    var length: UInt32 = 0
    var bornUnixSeconds: UInt32 = 0
    /// The second of the last update.
    var tick: UInt32 = 0
    var tookNegative = false
  }

  /// The number of series that were requested, including those that have expired.
  package private(set) var count = 0
  private var text: [UInt8] = []
  /// The length is 0 if the series has expired.
  private var places: [Place] = []
  /// `width` for each series.
  private var values: [Double] = []
  private var width = 0
  private var sets: [SetWindow] = []
  private var natives: [NativeHistogram?] = []
  private var windows: [SummaryWindow?] = []
  /// By series, for those that have exemplars.
  private var exemplars: [Int: [Int: Exemplar]] = [:]
  /// The longest that a lock was held, over all pieces read into this one.
  package internal(set) var lockedLongest = Duration.zero

  package init() {}

  package var indices: Range<Int> { 0..<count }

  /// Whether the series still existed.
  package func isAlive(_ index: Int) -> Bool { places[index].length > 0 }

  /// `name` or `name{label="value",…}`; empty if the series has expired.
  @_lifetime(borrow self)
  package func spelling(_ index: Int) -> Span<UInt8> {
    let place = places[index]
    return text.span.extracting(Int(place.start)..<Int(place.start + place.length))
  }

  /// When the series was first seen, in seconds since 1970.
  package func startUnixSeconds(_ index: Int) -> UInt32 { places[index].bornUnixSeconds }

  /// The second of the aggregator's clock in which the series was last updated.
  package func updateSecond(_ index: Int) -> UInt32 { places[index].tick }

  /// Whether a histogram ever took a negative value.
  package func tookNegative(_ index: Int) -> Bool { places[index].tookNegative }

  /// The value of a counter or a gauge, or the number of members of a set. NaN for a gauge or a set
  /// without a first value.
  package func value(_ index: Int, kind: MetricKind) -> Double {
    switch kind {
    case .counter, .histogram: return sum(index)
    case .gauge: return values[index * width]
    case .set: return sets[index].isBegun ? sets[index].count : .nan
    }
  }

  /// The sum of a counter, or of a histogram's observations.
  package func sum(_ index: Int) -> Double {
    let start = index * width
    return CompensatedSum(sum: values[start], error: values[start + 1]).value
  }

  /// The weight in each of a histogram's buckets, not cumulated, `+Inf` last.
  package func buckets(_ index: Int) -> ArraySlice<Double> {
    values[index * width + 2..<(index + 1) * width]
  }

  /// A histogram's native form; nil if none is kept.
  package func native(_ index: Int) -> NativeHistogram? { natives.isEmpty ? nil : natives[index] }

  /// The observations that a summary's quantiles are computed from; nil if none are kept.
  package func window(_ index: Int) -> SummaryWindow? { windows.isEmpty ? nil : windows[index] }

  /// A series' exemplars, by bucket; the exemplar of a counter is in bucket 0.
  package func exemplars(_ index: Int) -> [Int: Exemplar] { exemplars[index] ?? [:] }

  /// Makes room for this many series of a class. All count as expired until they are set.
  mutating func begin(_ seriesClass: SeriesClass, count: Int) {
    self.count = count
    width = seriesClass.valueCells
    text.removeAll(keepingCapacity: true)
    places.removeAll(keepingCapacity: true)
    places.append(contentsOf: repeatElement(Place(), count: count))
    let missing = count * width - values.count
    if missing > 0 { values.append(contentsOf: repeatElement(0, count: missing)) }
    // Released now, because the shard would otherwise have to copy shared storage at the next
    // update.
    sets.removeAll(keepingCapacity: true)
    natives.removeAll(keepingCapacity: true)
    windows.removeAll(keepingCapacity: true)
    exemplars.removeAll(keepingCapacity: true)
    if seriesClass.kind == .set {
      sets.append(contentsOf: repeatElement(SetWindow(), count: count))
    }
    if seriesClass.observer.native != nil {
      natives.append(contentsOf: repeatElement(nil, count: count))
    }
    if seriesClass.observer.summary != nil {
      windows.append(contentsOf: repeatElement(nil, count: count))
    }
  }

  mutating func set(
    _ index: Int, values cells: borrowing Span<Double>, names: borrowing SeriesNames,
    place: SpellingPlace, marks: RowMarks, tick: UInt32
  ) {
    let start = index * width
    if marks.contains(.young) {
      for cell in 0..<width { values[start + cell] = 0 }
    } else {
      for cell in 0..<width { values[start + cell] = cells[SeriesTable.firstValueCell + cell] }
    }
    places[index] = Place(
      start: UInt32(text.count), length: UInt32(place.length), bornUnixSeconds: names.born(place),
      tick: tick, tookNegative: marks.contains(.negative))
    names.append(place, to: &text)
  }

  mutating func set(_ index: Int, exemplars: [Int: Exemplar]) {
    if !exemplars.isEmpty { self.exemplars[index] = exemplars }
  }

  mutating func set(_ index: Int, set: SetWindow) { sets[index] = set }

  mutating func set(_ index: Int, native: NativeHistogram?, window: SummaryWindow?) {
    if let native { natives[index] = native }
    if let window { windows[index] = window }
  }
}

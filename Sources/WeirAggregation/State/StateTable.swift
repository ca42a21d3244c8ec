import WeirMetrics

/// The series of one class and shard of a state file, in columns. A series has the same place in
/// all of them.
///
///     rows    row 7, row 9, …                  in the order in which they were first read
///     cells   v v │ v v │ …                    `width` for each
struct StateTable: Sendable {
  struct Row: Sendable, BitwiseCopyable {
    /// Where it is in the file's table.
    var row: UInt32
    /// Odd; 0 if the series was removed.
    var generation: UInt32
    /// The second of the last update.
    var tick: UInt32
    /// When it was made, in seconds since 1970.
    var born: UInt32
    /// Where its spelling is in the file.
    var spelling: Int
    var length: UInt32
    /// Bytes of the name in the spelling.
    var nameLength: UInt32
    var flags: Flags

    var isAlive: Bool { generation != 0 }
    var range: Range<Int> { spelling..<spelling + Int(length) }
    var name: Range<Int> { spelling..<spelling + Int(nameLength) }
    var hasLabels: Bool { nameLength < length }
  }

  struct Flags: OptionSet, Sendable, BitwiseCopyable {
    let rawValue: UInt8
    /// `RowMarks.negative`.
    static let negative = Flags(rawValue: 1)
    /// A name is in quotes.
    static let quoted = Flags(rawValue: 2)
    /// It is its name's overflow series.
    static let overflow = Flags(rawValue: 4)
  }

  /// The steps of a window that have something in them.
  struct Steps<Value: Sendable>: Sendable {
    var newest = 0
    var steps: [(number: Int, value: Value)] = []
  }

  struct SetSteps: Sendable {
    var window = Steps<SetSketch>()
    var isBegun = false
  }

  /// The values of instances of a gauge.
  struct Gauge: Sendable {
    var group = 0
    var merge = GaugeMerge.last
    var second: UInt32 = 0
    var members: [GaugeGroups.Member] = []
  }

  /// The label that the lines of a series have in addition, so that the series can't have it.
  enum OwnLabels: Sendable { case none, bound, quantile }

  let number: Int
  let shard: Int
  let described: StateClass
  let kind: MetricKind
  /// Cells of each row.
  let width: Int
  let keepsNatives: Bool
  let keepsSummaries: Bool
  let ownLabels: OwnLabels
  var rows: [Row] = []
  var cells: [Double] = []
  var liveCount = 0
  // One for each row where the class keeps them, else empty.
  var natives: [NativeHistogram] = []
  var summaries: [Steps<NativeHistogram>] = []
  var sets: [SetSteps] = []
  /// By place.
  var gauges: [Int: Gauge] = [:]
  /// By place: how text has set gauges, if the file is that of a Weir that forwards.
  var settings: [Int: GaugeSettings] = [:]
  var places = RowPlaces()
  /// The greatest sizes of its series.
  var longest = SpellingSizes()

  init(_ described: StateClass, number: Int, shard: Int) {
    self.described = described
    self.number = number
    self.shard = shard
    let seriesClass = described.seriesClass
    kind = seriesClass.kind
    width = seriesClass.valueCells
    keepsNatives = seriesClass.observer.native != nil
    keepsSummaries = seriesClass.observer.summary != nil
    ownLabels = kind != .histogram ? .none : keepsSummaries ? .quantile : .bound
  }

  var seriesClass: SeriesClass { described.seriesClass }

  func place(of row: Int) -> Int? { places[row] }

  func values(_ place: Int) -> ArraySlice<Double> { cells[place * width..<(place + 1) * width] }
}

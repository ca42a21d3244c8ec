/// Rates and values of the last steps: a ring for each column.
struct HistoryRing: Sendable {
  typealias Column = StatusAnswer.History.Column

  let stepSeconds: Int
  /// The most steps that are kept.
  let capacity: Int
  /// The number of the last step that has ended, counted from the start of Weir; step 0 ends at `stepSeconds`.
  private(set) var lastStep = -1
  /// The counts when that step was closed, and when the one before it was.
  private var before = (counts: Pulse.Counts(), seconds: 0.0)
  private var earlier = (counts: Pulse.Counts(), seconds: 0.0)
  /// By `Column`, then by the step's number modulo the capacity. NaN for what is not known.
  private var cells: [[Float]]

  init(stepSeconds: Int, capacity: Int) {
    self.stepSeconds = stepSeconds
    self.capacity = capacity
    cells = Column.allCases.map { _ in [Float](repeating: .nan, count: capacity) }
  }

  /// The number of steps that it has.
  var count: Int { min(capacity, lastStep + 1) }

  /// When the last step ended.
  var endSeconds: Double { Double((lastStep + 1) * stepSeconds) }

  /// Takes in what was counted until now. Steps that ended since the last call get the same rates.
  ///
  /// A rate is never one of less than half a step: a step may be closed late and the next one in time, and a
  /// rate of the moment between would be a spike or a gap.
  mutating func add(_ counts: Pulse.Counts, at seconds: Double) {
    let step = Int(seconds) / stepSeconds - 1
    guard step > lastStep else { return }
    let first = max(lastStep + 1, step - capacity + 1)
    let isShort = seconds - before.seconds < Double(stepSeconds) / 2
    let base = isShort ? earlier : before
    for (index, column) in Column.allCases.enumerated() {
      let value = Float(column.value(counts, base.counts, seconds - base.seconds))
      for number in first...step { cells[index][number % capacity] = value }
    }
    lastStep = step
    if !isShort { earlier = before }
    before = (counts, seconds)
  }

  /// The last steps of a column, oldest first; nil where a value is not known.
  func last(_ steps: Int, of column: Column) -> [Double?] {
    let index = Column.allCases.firstIndex(of: column) ?? 0
    let steps = min(steps, count)
    return (lastStep - steps + 1..<lastStep + 1).map { number in
      let value = cells[index][number % capacity]
      return value.isNaN ? nil : Double(value)
    }
  }

  /// The mean over the last steps; 0 if there are none.
  func mean(_ steps: Int, of column: Column) -> Double {
    let values = last(steps, of: column).compactMap(\.self)
    return values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }
}

extension StatusAnswer.History.Column {
  /// A rate of what was counted in `seconds`, or a value at their end.
  fileprivate func value(_ now: Pulse.Counts, _ before: Pulse.Counts, _ seconds: Double) -> Double {
    func rate(_ count: KeyPath<Pulse.Counts, Double>) -> Double {
      (now[keyPath: count] - before[keyPath: count]) / seconds
    }
    return switch self {
    case .datagrams: rate(\.datagrams)
    case .lines: rate(\.lines)
    case .samples: rate(\.samples)
    case .pushRecords: rate(\.pushRecords)
    case .dropped: rate(\.dropped)
    case .refused: rate(\.refused)
    case .limited: rate(\.limited)
    case .expired: rate(\.expired)
    case .framesLost: rate(\.framesLost)
    case .cpu: rate(\.cpuSeconds)
    case .series: now.series
    case .scrapeSeconds: now.scrapeSeconds ?? .nan
    }
  }
}

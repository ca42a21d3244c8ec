import WeirMetrics

/// What the histograms of a class keep in addition to their rows of numbers, at the index of each
/// row. It is empty unless the observer asks for it.
struct ObservationRows {
  /// Whether there is anything to keep. The other functions may only be called when there is.
  let isKept: Bool
  private let native: NativeOptions?
  private let summary: SummaryOptions?
  private var natives: [NativeHistogram] = []
  private var windows: [SummaryWindow] = []

  init(_ observer: Observer) {
    isKept = observer.keepsMore
    native = observer.native
    summary = observer.summary
  }

  /// Prepares an empty histogram for the new series in `row`.
  mutating func begin(_ row: Int) {
    if let native { natives.place(NativeHistogram(schema: native.schema), at: row) }
    if summary != nil { windows.place(SummaryWindow(), at: row) }
  }

  /// Replaces what a live row has.
  mutating func set(_ row: Int, native: NativeHistogram?, summary: SummaryWindow?) {
    if let native, self.native != nil { natives[row] = native }
    if let summary, self.summary != nil { windows[row] = summary }
  }

  /// Adds the values of a sample that came in the second `tick`.
  ///
  /// Never inlined, so that a feature that is off by default does not make the common path longer.
  @inline(never)
  mutating func add(_ values: Span<Double>, weight: Double, row: Int, tick: UInt32) {
    if let native {
      for index in values.indices {
        natives[row].add(values[index], weight: weight, bucketsMax: native.bucketsMax)
      }
    }
    if let summary {
      for index in values.indices {
        windows[row].add(values[index], weight: weight, second: tick, summary)
      }
    }
  }

  /// Adds `weight` observations of a value that came in the second `second`.
  mutating func add(_ value: Double, weight: Double, row: Int, second: UInt32) {
    if let native { natives[row].add(value, weight: weight, bucketsMax: native.bucketsMax) }
    if let summary { windows[row].add(value, weight: weight, second: second, summary) }
  }

  /// Adds a whole histogram that came in the second `second`.
  mutating func add(_ histogram: NativeHistogram, row: Int, second: UInt32) {
    if let native { natives[row].merge(histogram, bucketsMax: native.bucketsMax) }
    if let summary {
      histogram.forEachBucket { value, count in
        windows[row].add(value, weight: count, second: second, summary)
      }
    }
  }

  /// Frees what the expired series in `row` had.
  mutating func free(_ row: Int) {
    if let native { natives[row] = NativeHistogram(schema: native.schema) }
    if summary != nil { windows[row] = SummaryWindow() }
  }

  /// Gives back the memory after the last row.
  mutating func truncate(to rows: Int) {
    guard natives.count > rows || windows.count > rows else { return }
    natives.removeLast(max(0, natives.count - rows))
    windows.removeLast(max(0, windows.count - rows))
    natives.giveBackSpare()
    windows.giveBackSpare()
  }

  /// The native histogram of a live row; nil if the class keeps none.
  func native(_ row: Int) -> NativeHistogram? { native == nil ? nil : natives[row] }

  /// The window of a live row's summary as it was at its last update; nil if the class keeps none.
  func summary(_ row: Int) -> SummaryWindow? { summary == nil ? nil : windows[row] }

  /// Notes that a live row's summary is saved.
  mutating func noteSaved(_ row: Int) {
    if summary != nil { windows[row].noteSaved() }
  }

  /// The observations that a live row's summary covers in the second `second`; nil if the class
  /// keeps none. Observations that are too old are removed.
  mutating func summary(_ row: Int, second: UInt32) -> SummaryWindow? {
    guard let summary else { return nil }
    windows[row].rotate(toSecond: second, summary)
    return windows[row]
  }
}

extension Array {
  /// Puts `element` at `index`. Where the array is too short it is filled up with more of the same.
  fileprivate mutating func place(_ element: Element, at index: Int) {
    if index < count {
      self[index] = element
    } else {
      append(contentsOf: repeatElement(element, count: index - count + 1))
    }
  }
}

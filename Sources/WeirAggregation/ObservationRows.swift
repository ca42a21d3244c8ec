import WeirMetrics

/// What the histograms of a shard keep beside their rows of numbers, at the index of each row: nothing,
/// unless the options ask for it.
struct ObservationRows {
  /// Whether there is anything to keep. All else may only be called when there is.
  let isKept: Bool
  private let native: NativeOptions?
  private var natives: [NativeHistogram] = []

  init(_ observations: Observations) {
    isKept = observations.keepsMore
    native = observations.native
  }

  /// Begins anew for the series that has moved into `row`.
  mutating func begin(_ row: Int) {
    if let native {
      natives.place(NativeHistogram(schema: native.schema), at: row)
    }
  }

  /// Adds the values of a sample.
  ///
  /// Never inlined, so that what is off by default makes the common path no longer.
  @inline(never)
  mutating func add(_ values: Span<Double>, _ sample: Sample, row: Int, tick: UInt32) {
    let first = Int(sample.firstValue)
    let last = first &+ Int(sample.valueCount)
    if let native {
      for index in first..<last {
        natives[row].add(values[index], weight: sample.weight, bucketsMax: native.bucketsMax)
      }
    }
  }

  /// Frees what a series had that is no more.
  mutating func free(_ row: Int) {
    if let native { natives[row] = NativeHistogram(schema: native.schema) }
  }

  /// Gives back what lies behind the last row.
  mutating func truncate(to rows: Int) {
    if natives.count > rows { natives.removeLast(natives.count - rows) }
  }

  /// The native histogram of a live row; nil where none are kept.
  func native(_ row: Int) -> NativeHistogram? { native == nil ? nil : natives[row] }
}

extension Array {
  /// Puts `element` at `index`, with more of the same before it where there is nothing yet.
  fileprivate mutating func place(_ element: Element, at index: Int) {
    if index < count {
      self[index] = element
    } else {
      append(contentsOf: repeatElement(element, count: index - count + 1))
    }
  }
}

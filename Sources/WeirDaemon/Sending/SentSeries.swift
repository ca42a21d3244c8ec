import WeirMetrics

/// A series of which samples were sent, and what a scrape should show of it then.
struct SentSeries: Equatable {
  /// What the samples do to the number that a scrape shows.
  enum Effect: Equatable {
    /// A counter's total, or the number of observations, grows by at least so much.
    case gain(Double)
    /// A gauge has this value.
    case set(Double)
    /// A gauge has changed.
    case change(Double)
    /// A set has members; whether these are new is not known.
    case members
  }

  /// `name{label="value"}`
  let spelling: [UInt8]
  let nameLength: Int
  let kind: MetricKind
  private(set) var effect: Effect

  init(_ sample: ReadSample) {
    spelling = sample.spelling
    nameLength = sample.nameLength
    kind = sample.kind
    effect = SentSeries.effect(of: sample)
  }

  /// The series of all samples, each once, in their order.
  static func all(of samples: [ReadSample]) -> [SentSeries] {
    var places: [[UInt8]: Int] = [:]
    var series: [SentSeries] = []
    for sample in samples {
      if let place = places[sample.spelling], series[place].kind == sample.kind {
        series[place].add(effect(of: sample))
      } else {
        places[sample.spelling] = series.count
        series.append(SentSeries(sample))
      }
    }
    return series
  }

  private static func effect(of sample: ReadSample) -> Effect {
    switch sample.kind {
    case .counter: .gain(sample.values.reduce(0, +))
    case .gauge:
      sample.isRelative ? .change(sample.values.reduce(0, +)) : .set(sample.values.last ?? 0)
    case .histogram: .gain(Double(sample.values.count) * sample.weight)
    case .set: .members
    }
  }

  private mutating func add(_ later: Effect) {
    switch (effect, later) {
    case (.gain(let first), .gain(let second)): effect = .gain(first + second)
    case (.set(let value), .change(let change)): effect = .set(value + change)
    case (.change(let first), .change(let second)): effect = .change(first + second)
    default: effect = later
    }
  }

  /// The name without quotes.
  var name: [UInt8] { SpelledName.raw(spelling[..<nameLength]) }

  /// The line of a scrape that shows the effect, without its value: that of a histogram ends in `_count`.
  var line: [UInt8] {
    let suffix = Array(kind == .histogram ? "_count".utf8 : "".utf8)
    let name = SpelledName.appending(suffix, to: Array(spelling[..<nameLength]))
    let labels = spelling[nameLength...]
    guard name.first == UInt8(ascii: "\"") else { return name + labels }
    let rest = labels.isEmpty ? [UInt8(ascii: "}")] : [UInt8(ascii: ",")] + labels.dropFirst()
    return [UInt8(ascii: "{")] + name + rest
  }

  /// Whether a scrape shows the effect.
  ///
  /// - Parameters:
  ///   - before: The value before, nil if there was none.
  ///   - after: The value now.
  ///   - isApplied: Whether Weir has since applied samples of this kind, which decides where a value that
  ///     was there before says nothing.
  func isSeen(before: Double?, after: Double?, isApplied: Bool) -> Bool {
    guard let after else { return false }
    switch effect {
    case .gain(let gain):
      let before = before ?? 0
      // With --series.zero-first a new series is shown as 0 for some time.
      if before == 0, after == 0 { return isApplied }
      return after - before >= gain - SentSeries.tolerance * max(abs(after), abs(before))
    case .set(let value):
      return SentSeries.isNear(after, value) && (before.map { $0 != after } ?? true || isApplied)
    case .change(let change):
      return before.map { $0 != after } ?? true || change == 0 && isApplied
    case .members: return before.map { after > $0 } ?? true || isApplied
    }
  }

  /// Whether a value says nothing of a gain yet.
  func isHidden(_ after: Double) -> Bool {
    if case .gain(let gain) = effect { after == 0 && gain > 0 } else { false }
  }

  /// What a sum of doubles may be off.
  private static let tolerance = 1e-12

  private static func isNear(_ left: Double, _ right: Double) -> Bool {
    left == right || abs(left - right) <= tolerance * max(abs(left), abs(right))
  }
}

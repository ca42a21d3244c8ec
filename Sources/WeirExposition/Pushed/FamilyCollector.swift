import WeirMetrics

/// Collects the families of a body while it is read, whatever its format, and checks them at its end.
struct FamilyCollector {
  /// What is known of one histogram or summary.
  struct Observations {
    /// Bounds with cumulative counts, or quantiles with values, in the order of the body.
    private(set) var parts: [(mark: Double, value: Double)] = []
    var sum: Double?
    var count: Double?

    /// More than can be shown. The exact limit is checked at the end of the body, with all that is wrong.
    private static let partsMax = 2 * HistogramBounds.countMax

    init(sum: Double? = nil, count: Double? = nil) {
      self.sum = sum
      self.count = count
    }

    /// Adds a bound or a quantile. A few bytes of a body may be one.
    mutating func add(_ mark: Double, _ value: Double) throws(PushedBodyMistake) {
      guard parts.count < Observations.partsMax else {
        throw .inconsistent(
          "a histogram or summary has more than \(Observations.partsMax) bounds or quantiles")
      }
      parts.append((mark, value))
    }
  }

  fileprivate struct Series {
    let spelling: [UInt8]
    let number: Double
    /// The index in `observations`, or -1.
    let observations: Int
  }

  struct Family {
    let name: [UInt8]
    var help: String?
    /// Nil if the body has not said it.
    var type: ExposedType?
    fileprivate var series: [Series] = []
    fileprivate var places: [[UInt8]: Int] = [:]

    var isEmpty: Bool { series.isEmpty }
  }

  private(set) var families: [Family] = []
  private var places: [[UInt8]: Int] = [:]
  private var observations: [Observations] = []
  private var seriesCount = 0
  private let limits: PushedBodyLimits

  init(_ limits: PushedBodyLimits) { self.limits = limits }

  /// The index of a family that is known.
  func place(of name: [UInt8]) -> Int? { places[name] }

  /// The index of a family, which is made if it is new.
  mutating func family(_ name: [UInt8]) throws(PushedBodyMistake) -> Int {
    if let place = places[name] { return place }
    // Each of them could have a series.
    guard families.count < limits.seriesMax else { throw tooManySeries }
    places[name] = families.count
    families.append(Family(name: name))
    return families.count - 1
  }

  mutating func set(help: String, of family: Int) { families[family].help = help }

  mutating func set(type: ExposedType, of family: Int) { families[family].type = type }

  /// Adds a series of one sample.
  mutating func add(
    _ spelling: [UInt8], _ number: Double, to family: Int, line: Int? = nil
  ) throws(PushedBodyMistake) {
    guard families[family].places[spelling] == nil else {
      throw .inconsistent(
        "the series \(PushedBodyMistake.shown(spelling)) is there twice", line: line)
    }
    try append(Series(spelling: spelling, number: number, observations: -1), to: family)
  }

  /// Changes what is known of a histogram or summary, which is made if it is new.
  mutating func observe(
    _ spelling: [UInt8], of family: Int,
    _ body: (inout Observations) throws(PushedBodyMistake) -> Void
  ) throws(PushedBodyMistake) {
    // The lines of one are one after another.
    if let last = families[family].series.last, last.spelling == spelling {
      return try body(&observations[last.observations])
    }
    if let place = families[family].places[spelling] {
      return try body(&observations[families[family].series[place].observations])
    }
    observations.append(Observations())
    try append(
      Series(spelling: spelling, number: 0, observations: observations.count - 1), to: family)
    try body(&observations[observations.count - 1])
  }

  /// Whether the body has this histogram or summary.
  func has(_ spelling: [UInt8], in family: Int) -> Bool {
    families[family].places[spelling] != nil
  }

  private mutating func append(_ series: Series, to family: Int) throws(PushedBodyMistake) {
    seriesCount += 1
    guard seriesCount <= limits.seriesMax else { throw tooManySeries }
    families[family].places[series.spelling] = families[family].series.count
    families[family].series.append(series)
  }

  private var tooManySeries: PushedBodyMistake {
    .inconsistent(
      "the body has more series than --limit.pushgateway-series allows, \(limits.seriesMax)")
  }

  /// What the body has, in its order. Families without series are left out.
  mutating func finish() throws(PushedBodyMistake) -> [PushedFamily] {
    var finished: [PushedFamily] = []
    for family in families where !family.isEmpty {
      let type = family.type ?? .unknown
      var series: [PushedSeries] = []
      series.reserveCapacity(family.series.count)
      for one in family.series {
        series.append(PushedSeries(one.spelling, try value(of: one, type)))
      }
      finished.append(
        PushedFamily(family.name, help: family.help ?? "", type: type, series: series))
    }
    return finished
  }

  private func value(
    of series: Series, _ type: ExposedType
  ) throws(PushedBodyMistake) -> PushedValue {
    let name = PushedBodyMistake.shown(series.spelling)
    switch type {
    case .gauge, .unknown: return .number(series.number)
    case .counter:
      guard series.number >= 0 else {
        throw .inconsistent("the counter \(name) is \(series.number.isNaN ? "NaN" : "below 0")")
      }
      return .number(series.number)
    case .histogram: return .histogram(try histogram(observations[series.observations], name))
    case .summary: return .summary(try summary(observations[series.observations], name))
    }
  }

  private func histogram(
    _ read: Observations, _ name: String
  ) throws(PushedBodyMistake) -> PushedHistogram {
    let parts = try ascending(read.parts, "the histogram \(name)", of: "bound")
    let finite = parts.filter { $0.mark.isFinite }
    guard parts.allSatisfy({ $0.mark > -.infinity }) else {
      throw .inconsistent("the histogram \(name) has the bound -Inf")
    }
    guard finite.count <= HistogramBounds.countMax else {
      throw .inconsistent(
        "the histogram \(name) has more than \(HistogramBounds.countMax) bounds")
    }
    let whole = parts.last.flatMap { $0.mark == .infinity ? $0.value : nil }
    if let whole, let count = read.count, whole != count {
      throw .inconsistent("the count of the histogram \(name) is not that of its bucket +Inf")
    }
    let total = whole ?? read.count ?? finite.last?.value ?? 0
    var buckets: [Double] = []
    var below = 0.0
    for cumulative in finite.map(\.value) + [total] {
      guard cumulative >= below, cumulative.isFinite else {
        throw .inconsistent(
          "the buckets of the histogram \(name) don't count up: each must have at least what the "
            + "one below it has")
      }
      buckets.append(cumulative - below)
      below = cumulative
    }
    return PushedHistogram(
      HistogramBounds(upper: finite.map(\.mark)), buckets: buckets, sum: read.sum ?? 0)
  }

  private func summary(
    _ read: Observations, _ name: String
  ) throws(PushedBodyMistake) -> PushedSummary {
    let parts = try ascending(read.parts, "the summary \(name)", of: "quantile")
    guard parts.allSatisfy({ 0...1 ~= $0.mark }) else {
      throw .inconsistent("the summary \(name) has a quantile that is not from 0 to 1")
    }
    guard parts.count <= PushedBodyLimits.quantilesMax else {
      throw .inconsistent(
        "the summary \(name) has more than \(PushedBodyLimits.quantilesMax) quantiles")
    }
    let count = read.count ?? 0
    guard count >= 0, count.isFinite else {
      throw .inconsistent("the count of the summary \(name) is not a number from 0 on")
    }
    return PushedSummary(
      parts.map { PushedSummary.Quantile($0.mark, $0.value) }, sum: read.sum ?? 0, count: count)
  }

  /// Sorted parts, none of which is there twice.
  private func ascending(
    _ parts: [(mark: Double, value: Double)], _ what: String, of mark: String
  ) throws(PushedBodyMistake) -> [(mark: Double, value: Double)] {
    guard parts.allSatisfy({ !$0.mark.isNaN }) else {
      throw .inconsistent("\(what) has a \(mark) that is not a number")
    }
    let sorted = parts.sorted { $0.mark < $1.mark }
    for (part, next) in zip(sorted, sorted.dropFirst()) where part.mark == next.mark {
      throw .inconsistent("\(what) has the \(mark) \(part.mark) twice")
    }
    return sorted
  }
}

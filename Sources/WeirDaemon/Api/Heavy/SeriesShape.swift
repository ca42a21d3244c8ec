import WeirAggregation
import WeirExposition
import WeirInsight
import WeirJSON
import WeirMetrics

/// One series of an answer.
struct SeriesShape {
  private let spelling: [UInt8]
  private let nameLength: Int
  private let type: String
  /// Of a counter, a gauge or a set.
  private var value: Double?
  private var count: Double?
  private var sum: Double?
  /// Each alone, `+Inf` last; nil if it is no histogram.
  private var buckets: [Double]?
  private var quantiles: [(quantile: Double, value: Double)]?
  /// The bounds of the buckets as a scrape shows them.
  var bounds: [String] = []
  /// Nil for a series of a pushed group, which has none.
  var ageSeconds: Int?
  var bornMilliseconds: Int?
  /// Nil if it is not shown.
  var text: [UInt8]?
  /// Who pushes it; nil if nobody does, or if it was not looked for.
  var holders: SeriesHolders?
  /// Nil for a series of a pushed group, and if holders are not looked for.
  var lease: SeriesLease?

  /// The quantiles of histograms.
  static let quantiles = [0.5, 0.95, 0.99]

  init(_ spelling: [UInt8], nameLength: Int, type: String) {
    self.spelling = spelling
    self.nameLength = nameLength
    self.type = type
  }

  mutating func read(
    _ piece: borrowing SeriesPiece, _ index: Int, _ seriesClass: SeriesClass
  ) {
    guard seriesClass.kind == .histogram else {
      value = piece.value(index, kind: seriesClass.kind)
      return
    }
    let counts = piece.buckets(index)
    count = counts.reduce(0) { $0 + max($1, 0) }
    sum = piece.sum(index)
    if let summary = seriesClass.observer.summary {
      let lately = piece.window(index)?.observations
      quantiles = summary.quantiles.map { ($0, lately?.quantile($0) ?? .nan) }
    } else {
      buckets = Array(counts)
      let native = piece.native(index)
      quantiles = SeriesShape.quantiles.map {
        ($0, native?.quantile($0) ?? SeriesShape.quantile($0, seriesClass.layout, counts))
      }
    }
  }

  mutating func read(_ pushed: PushedValue) {
    switch pushed {
    case .number(let number): value = number
    case .histogram(let histogram):
      count = histogram.buckets.reduce(0, +)
      sum = histogram.sum
      buckets = histogram.buckets
      quantiles = SeriesShape.quantiles.map {
        ($0, SeriesShape.quantile($0, histogram.bounds, histogram.buckets[...]))
      }
    case .summary(let summary):
      count = summary.count
      sum = summary.sum
      quantiles = summary.quantiles.map { ($0.quantile, $0.value) }
    }
  }

  private static func quantile(
    _ fraction: Double, _ bounds: HistogramBounds, _ counts: ArraySlice<Double>
  ) -> Double {
    BucketQuantile.value(fraction, upper: bounds.upper, counts: counts)
  }

  func write(to json: inout JSONWriter) {
    json.object { json in
      json.field("name", foreign: SpelledName.raw(spelling[..<nameLength]))
      json.key("labels")
      json.object { writeLabels(to: &$0) }
      json.field("type", type)
      json.field("value", value)
      json.field("count", count)
      json.field("sum", sum)
      json.field("age_seconds", ageSeconds)
      json.field("born_ms", bornMilliseconds)
      json.key("buckets")
      if let buckets {
        json.array(zip(bounds, buckets)) { json, bucket in
          json.object {
            $0.field("le", bucket.0)
            $0.field("count", max(bucket.1, 0))
          }
        }
      } else {
        json.null()
      }
      json.key("quantiles")
      if let quantiles {
        json.object { json in
          for (quantile, value) in quantiles { json.field("\(quantile)", value) }
        }
      } else {
        json.null()
      }
      json.key("owners")
      if let holders {
        json.object {
          $0.field("instances", holders.count)
          $0.key("first")
          $0.array(holders.some) { $0.value(RefusedPage.text($1)) }
        }
      } else {
        json.null()
      }
      json.key("text")
      if let text { json.value(foreign: text) } else { json.null() }
    }
  }

  private func writeLabels(to json: inout JSONWriter) {
    var index = nameLength + 1
    let span = spelling.span
    while let place = LabelPlace.next(in: span, at: &index) {
      json.key(foreign: place.rawName(in: span))
      json.value(foreign: place.rawValue(in: span))
    }
  }
}

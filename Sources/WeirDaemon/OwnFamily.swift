import WeirBytes
import WeirExposition
import WeirMetrics

/// One of Weir's own metrics, as one scrape shows it.
struct OwnFamily: Sendable {
  enum Values: Sendable {
    /// Each with its labels as written in a scrape, `{reason="bad_value"}`, or empty.
    case samples([(labels: String, value: Double)])
    /// One histogram without labels: the count of each single bucket, and the sum.
    case histogram(buckets: [Double], sum: Double)
  }

  let name: String
  let help: String
  let type: ExposedType
  let values: Values
  /// Whether it gets new rows while Weir runs, which are shown as 0 first.
  var gainsRows = false

  init(_ name: String, _ type: ExposedType, _ help: String, _ value: Double) {
    self.init(name, type, help, samples: [("", value)])
  }

  init(
    _ name: String, _ type: ExposedType, _ help: String,
    samples: [(labels: String, value: Double)]
  ) {
    self.name = name
    self.help = help
    self.type = type
    values = .samples(samples)
  }

  init(_ name: String, _ help: String, buckets: [Double], sum: Double) {
    self.name = name
    self.help = help
    type = .histogram
    values = .histogram(buckets: buckets, sum: sum)
  }

  /// In the order of a page.
  static func sorted(_ families: [OwnFamily]) -> [OwnFamily] {
    families.sorted { Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8)) }
  }

  /// Writes the family's samples, after its `# TYPE`.
  func encode(into encoder: inout ExpositionEncoder, bounds: BucketLabels) {
    switch values {
    case .samples(let samples):
      for sample in samples {
        encoder.sample(
          Array((name + sample.labels).utf8).span, nameLength: name.utf8.count, sample.value)
      }
    case .histogram(let buckets, let sum):
      encoder.histogram(
        Array(name.utf8).span, nameLength: name.utf8.count,
        HistogramReading(buckets: buckets[...], sum: sum), labels: bounds)
    }
  }

  /// One label as written in a scrape.
  static func label(_ name: String, _ value: String) -> String { labels([(name, value)]) }

  /// Labels as written in a scrape, in the given order.
  static func labels(_ pairs: [(name: String, value: String)]) -> String {
    let written = pairs.map { pair in
      var escaped: [UInt8] = []
      for byte in pair.value.utf8 { escaped.appendEscaped(byte) }
      return "\(pair.name)=\"\(String(decoding: escaped, as: UTF8.self))\""
    }
    return "{\(written.joined(separator: ","))}"
  }
}

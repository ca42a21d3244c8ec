import TestSupport

/// One histogram or summary of a page in protobuf.
struct ShownObservations: CustomStringConvertible {
  let name: String
  /// `name=value`, separated by commas.
  let labels: String
  let count: UInt64
  let sum: Double
  /// The bounds of classic buckets, and what is in each bucket and all below it.
  var bounds: [Double] = []
  var cumulative: [UInt64] = []
  var quantiles: [(quantile: Double, value: Double)] = []
  /// Nil where it is no native histogram.
  var schema: Int64?
  var positive: [Int64: Double] = [:]

  /// All of a page, in order.
  static func read(_ page: [UInt8]) throws -> [ShownObservations] {
    try ProtobufReader.families(page).flatMap { family in
      let name = String(decoding: try family.text(1), as: UTF8.self)
      return try family.messages(4).map { try ShownObservations(name, $0) }
    }
  }

  private init(_ name: String, _ metric: ProtobufReader.Message) throws {
    self.name = name
    labels = try ProtobufReader.labels(metric).map { name, value in
      "\(String(decoding: name, as: UTF8.self))=\(String(decoding: value, as: UTF8.self))"
    }.sorted().joined(separator: ",")
    if let summary = try metric.messages(4).first {
      (count, sum) = (try summary.integer(1), try summary.double(2))
      quantiles = try summary.messages(3).map { (try $0.double(1), try $0.double(2)) }
      return
    }
    guard let histogram = try metric.messages(7).first else { throw ProtobufReader.Malformed() }
    (count, sum) = (try histogram.integer(1), try histogram.double(2))
    for bucket in try histogram.messages(3) {
      bounds.append(try bucket.double(2))
      cumulative.append(try bucket.integer(1))
    }
    guard histogram.has(5) else { return }
    schema = try histogram.zigzag(5)
    positive = try ProtobufReader.buckets(histogram, spans: 12, deltas: 13, counts: 14)
  }

  var description: String {
    var text = "\(name) \(labels) count \(count) sum \(Int(sum))"
    for (bound, count) in zip(bounds, cumulative) { text += " \(bound): \(count)" }
    for (quantile, value) in quantiles { text += " \(quantile) → \(value)" }
    if let schema {
      let buckets = positive.sorted { $0.key < $1.key }.map { "\($0.key): \(Int($0.value))" }
      text += " schema \(schema): [\(buckets.joined(separator: ", "))]"
    }
    return text
  }
}

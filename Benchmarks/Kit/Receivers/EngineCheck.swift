import WeirAggregation
import WeirMetrics

/// Compares what an aggregator holds with what a payload makes.
package struct EngineCheck {
  private let expected: Expectation
  private let isOrdered: Bool

  /// Expects the first `sent` datagrams, round after round. The values of gauges are checked only
  /// if the datagrams were taken in order.
  ///
  /// - Complexity: O(lines of the payload).
  package init(_ payload: Payload, sent: Int, isOrdered: Bool) {
    expected = Expectation(of: payload, sent: sent)
    self.isOrdered = isOrdered
  }

  /// What is wrong, a sentence each; none when every line was counted once and nothing else was.
  package func faults(_ aggregator: Aggregator, _ counted: Tally) -> [String] {
    let tally = Tally(lines: expected.lines, samples: expected.lines, refusals: 0)
    var faults: [String] = []
    if counted != tally {
      faults.append(
        "\(tally.lines) good lines of one sample each went in, but \(counted.lines) lines, "
          + "\(counted.samples) samples and \(counted.refusals) refusals were counted.")
    }
    var catalog = Catalog()
    catalog.update(from: aggregator)
    let held = catalog.families.reduce(0) { $0 + $1.series.count }
    if held != expected.series {
      faults.append("\(expected.series) series went in, but \(held) are held.")
    }
    return faults + catalog.families.compactMap { fault(in: $0, aggregator) }
  }

  /// The first wrong series of a family.
  private func fault(in family: SeriesFamily, _ aggregator: Aggregator) -> String? {
    var first: String?
    aggregator.forEachSeries(of: family) { piece, index in
      if first == nil { first = fault(in: piece, at: index, of: family) }
    }
    return first
  }

  private func fault(in piece: SeriesPiece, at index: Int, of family: SeriesFamily) -> String? {
    let bytes = piece.spelling(index).array
    let name = String(decoding: bytes[..<family.name.count], as: UTF8.self)
    let labels = String(decoding: bytes[family.name.count...], as: UTF8.self)
    let value = piece.value(index, kind: family.kind)
    switch family.kind {
    case .counter: return differs(name + labels, value, expected.increases)
    case .gauge: return isOrdered ? differs(name + labels, value, expected.gauges) : nil
    case .histogram:
      let count = piece.buckets(index).reduce(0, +)
      return differs("\(name)_count\(labels)", count, expected.increases)
        ?? differs("\(name)_sum\(labels)", value, expected.increases)
    case .set: return "\(name)\(labels) is a set, and no set went in."
    }
  }

  private func differs(_ name: String, _ value: Double, _ wanted: [String: Double]) -> String? {
    if wanted[name] == value { return nil }
    let text = wanted[name].map { "\($0)" } ?? "absent"
    return "\(name) is \(value) and should be \(text)."
  }
}

extension Span<UInt8> {
  fileprivate var array: [UInt8] { indices.map { self[$0] } }
}

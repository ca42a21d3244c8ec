import BenchmarkPayload
import WeirAggregation
import WeirMetrics

/// Compares what an aggregator holds with what the payload says it must.
struct Check {
  private let expected: Expectation
  private let seriesCount: Int
  /// What each gauge was last set to; every thread ends with the same line.
  private var gauges: [String: Double] = [:]

  /// - Complexity: O(lines of the payload).
  init(_ item: Case) {
    // The warm-up is a round as well.
    let passes = (item.rounds + 1) * item.passes * item.threads
    let payload = item.payload
    expected = Expectation(of: payload, sent: payload.count * passes)
    seriesCount = payload.series.count
    for line in payload.lines where payload.series[line.series].kind == .gauge {
      let series = payload.series[line.series]
      gauges[series.family + series.exposedLabels] = Double(line.eighths) / 8
    }
  }

  /// What is wrong, a sentence each; nothing when every line arrived once and nothing else did.
  func faults(_ outcome: Outcome) -> [String] {
    let tally = Tally(lines: expected.lines, samples: expected.lines, refusals: 0)
    var faults: [String] = []
    if outcome.tally != tally {
      faults.append(
        "\(tally.lines) good lines of one sample each went in, but \(outcome.tally.lines) lines, "
          + "\(outcome.tally.samples) samples and \(outcome.tally.refusals) refusals were counted.")
    }
    var catalog = Catalog()
    catalog.update(from: outcome.snapshot)
    let held = catalog.families.reduce(0) { $0 + $1.series.count }
    if held != seriesCount {
      faults.append("\(seriesCount) series went in, but \(held) are held.")
    }
    return faults + catalog.families.compactMap { fault(in: $0, outcome.snapshot) }
  }

  /// The first series of a family that is not what it should be.
  private func fault(in family: SeriesFamily, _ snapshot: Snapshot) -> String? {
    let nameLength = family.name.count
    for handle in family.series {
      let bytes = snapshot.spelling(handle, kind: family.kind).array
      let name = String(decoding: bytes[..<nameLength], as: UTF8.self)
      let labels = String(decoding: bytes[nameLength...], as: UTF8.self)
      let value = snapshot.value(handle, kind: family.kind)
      switch family.kind {
      case .counter:
        if let fault = differs(name + labels, value, expected.increases) { return fault }
      case .gauge:
        if let fault = differs(name + labels, value, gauges) { return fault }
      case .histogram:
        let count = snapshot.buckets(handle).reduce(0, +)
        if let fault = differs("\(name)_count\(labels)", count, expected.increases)
          ?? differs("\(name)_sum\(labels)", value, expected.increases)
        {
          return fault
        }
      case .set: return "\(name)\(labels) is a set, and no set went in."
      }
    }
    return nil
  }

  private func differs(_ name: String, _ value: Double, _ wanted: [String: Double]) -> String? {
    if wanted[name] == value { return nil }
    let text = wanted[name].map { "\($0)" } ?? "absent"
    return "\(name) is \(value) and should be \(text)."
  }
}

extension Spelling {
  fileprivate var array: [UInt8] {
    let bytes = bytes
    return bytes.indices.map { bytes[$0] }
  }
}

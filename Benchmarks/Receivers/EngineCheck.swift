import BenchmarkPayload
import WeirAggregation
import WeirMetrics

/// Compares what an aggregator holds with what a payload says it must.
package struct EngineCheck {
  private let expected: Expectation
  private let isOrdered: Bool

  /// Expects the first `sent` datagrams, round after round; of gauges only that they are there,
  /// unless the datagrams were taken in order.
  ///
  /// - Complexity: O(lines of the payload).
  package init(_ payload: Payload, sent: Int, isOrdered: Bool) {
    expected = Expectation(of: payload, sent: sent)
    self.isOrdered = isOrdered
  }

  /// What is wrong, a sentence each; nothing when every line arrived once and nothing else did.
  package func faults(_ snapshot: Snapshot, _ counted: Tally) -> [String] {
    let tally = Tally(lines: expected.lines, samples: expected.lines, refusals: 0)
    var faults: [String] = []
    if counted != tally {
      faults.append(
        "\(tally.lines) good lines of one sample each went in, but \(counted.lines) lines, "
          + "\(counted.samples) samples and \(counted.refusals) refusals were counted.")
    }
    var catalog = Catalog()
    catalog.update(from: snapshot)
    let held = catalog.families.reduce(0) { $0 + $1.series.count }
    if held != expected.series {
      faults.append("\(expected.series) series went in, but \(held) are held.")
    }
    return faults + catalog.families.compactMap { fault(in: $0, snapshot) }
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
      case .gauge where !isOrdered: continue
      case .gauge:
        if let fault = differs(name + labels, value, expected.gauges) { return fault }
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

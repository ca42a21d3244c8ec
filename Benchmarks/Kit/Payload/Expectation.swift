/// What a server that lost nothing has added to its page after some datagrams of a payload.
package struct Expectation {
  /// By sample as the page names it, e.g. `llm_requests_total{…}` or `…_seconds_sum{…}`.
  ///
  /// Gauges are not among them.
  package private(set) var increases: [String: Double] = [:]
  /// What each gauge was last set to, if the datagrams arrive in order; with several sockets
  /// nothing says which line comes last.
  package private(set) var gauges: [String: Double] = [:]
  /// Lines by type.
  package private(set) var samples: [Series.Kind: Int] = [:]
  /// Lines in all.
  package private(set) var lines = 0
  /// Series that were hit.
  package private(set) var series = 0

  /// Replays the first `sent` datagrams, round after round, on paper.
  ///
  /// - Complexity: O(lines of one round).
  package init(of payload: Payload, sent: Int) {
    var counts = [Int](repeating: 0, count: payload.series.count)
    var eighths = [Int](repeating: 0, count: payload.series.count)
    let (rounds, remainder) = sent.quotientAndRemainder(dividingBy: payload.count)
    for datagram in 0..<payload.count {
      let times = rounds + (datagram < remainder ? 1 : 0)
      for line in payload.lines(of: datagram) {
        counts[line.series] += times
        eighths[line.series] += times * line.eighths
      }
    }
    for (index, series) in payload.series.enumerated() where counts[index] > 0 {
      self.series += 1
      lines += counts[index]
      samples[series.kind, default: 0] += counts[index]
      let sum = Double(eighths[index]) / 8
      switch series.kind {
      case .counter: increases[series.family + series.exposedLabels] = sum
      case .histogram:
        increases["\(series.family)_count\(series.exposedLabels)"] = Double(counts[index])
        increases["\(series.family)_sum\(series.exposedLabels)"] = sum
      case .gauge: break
      }
    }
    // The last whole round, where there was one, and then what was sent of the next.
    let last = (rounds > 0 ? Array(remainder..<payload.count) : []) + Array(0..<remainder)
    for line in last.lazy.flatMap(payload.lines(of:)) {
      let series = payload.series[line.series]
      guard series.kind == .gauge else { continue }
      gauges[series.family + series.exposedLabels] = Double(line.eighths) / 8
    }
  }
}

/// One series that the load sends: a family and its labels, in the order in which they are sent.
package struct Series: Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    case counter, histogram, gauge

    /// The type as a StatsD line writes it.
    package var wire: String {
      switch self {
      case .counter: "c"
      case .histogram: "h"
      case .gauge: "g"
      }
    }
  }

  package let kind: Kind
  package let family: String
  package let labels: [(name: String, value: String)]

  /// `#provider:openai,model:gpt-4o`, as DogStatsD writes tags.
  package var tags: String {
    "#" + labels.map { "\($0.name):\($0.value)" }.joined(separator: ",")
  }

  /// `{model="gpt-4o",provider="openai"}`, as the exposition writes sorted labels.
  ///
  /// No value of this set needs escaping.
  package var exposedLabels: String {
    let sorted = labels.sorted { $0.name < $1.name }
    return "{" + sorted.map { "\($0.name)=\"\($0.value)\"" }.joined(separator: ",") + "}"
  }
}

/// The series of a run, enumerated: of every ten, five counters, four histograms and one gauge.
///
/// An LLM gateway's metrics: two counters, a histogram and a gauge by provider, model and route.
package enum SeriesSet {
  private static let models = [
    ("openai", "gpt-4o"), ("openai", "gpt-4o-mini"), ("openai", "o3"),
    ("anthropic", "sonnet"), ("anthropic", "haiku"),
    ("google", "gemini"), ("google", "gemma"), ("mistral", "large"),
  ]

  /// The first `count` series, of all kinds or of one; they differ from each other by construction.
  ///
  /// - Complexity: O(count).
  package static func make(count: Int, of only: Series.Kind? = nil) -> [Series] {
    var made: [Series.Kind: Int] = [:]
    return (0..<count).map { position in
      let kind = only ?? kind(at: position)
      let ordinal = made[kind, default: 0]
      made[kind] = ordinal + 1
      return series(kind, ordinal)
    }
  }

  private static func kind(at position: Int) -> Series.Kind {
    if position % 2 == 0 { return .counter }
    return position % 10 == 9 ? .gauge : .histogram
  }

  /// The ordinal's digits, in mixed radix, are the label values.
  private static func series(_ kind: Series.Kind, _ ordinal: Int) -> Series {
    var rest = ordinal
    func digit(_ radix: Int) -> Int {
      defer { rest /= radix }
      return rest % radix
    }
    switch kind {
    case .counter where digit(2) == 0:
      let (model, status) = (model(digit(models.count)), ["ok", "error"][digit(2)])
      return Series(
        kind: kind, family: "llm_requests_total",
        labels: model + [("status", status), ("route", route(rest))])
    case .counter:
      let (model, type) = (model(digit(models.count)), ["prompt", "completion"][digit(2)])
      return Series(
        kind: kind, family: "llm_tokens_total",
        labels: model + [("type", type), ("route", route(rest))])
    case .histogram:
      let model = model(digit(models.count))
      return Series(
        kind: kind, family: "llm_request_duration_seconds",
        labels: model + [("route", route(rest))])
    case .gauge:
      let model = model(digit(models.count))
      return Series(
        kind: kind, family: "llm_requests_in_flight",
        labels: model + [("pool", "shared"), ("route", route(rest))])
    }
  }

  private static func model(_ index: Int) -> [(name: String, value: String)] {
    [("provider", models[index].0), ("model", models[index].1)]
  }

  /// `r00017`.
  private static func route(_ number: Int) -> String {
    let digits = String(number)
    return "r" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }
}

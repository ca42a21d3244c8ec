import WeirMetrics

extension Flag {
  /// `--histogram.bounds`
  static let histogramBounds = Flag(
    name: "histogram.bounds",
    kind: .value(metavariable: "[NAME-GLOB=]LIST", repeatable: true),
    help: """
      Upper bounds of the buckets of histograms, ascending and separated by commas, such as \
      0.1,0.5,1,5; the bucket +Inf is always there. At most \(HistogramBounds.countMax). With a \
      NAME-GLOB, as in 'llm_tokens*=100,1000,10000', for the metrics whose names, as a scrape shows \
      them, it matches; the first glob that matches a name decides. Bounds of a glob also replace \
      those of clients that push.
      """,
    shown: { text($0.observations.bounds) },
    set: { text, earlier, options throws(UsageError) in
      let parts = NamedValue(text)
      let bounds = try bounds(parts.value)
      guard let key = parts.key else {
        try checkOnlyDefault("histogram.bounds", earlier)
        options.observations.bounds = bounds
        return
      }
      let glob = try glob(key, flag: "histogram.bounds")
      let rules = options.observations.boundsByName
      try checkApplies(glob, after: rules.map(\.glob), flag: "histogram.bounds")
      options.observations.boundsByName.append(SeriesRules.Rule(glob, bounds))
    })

  /// The bounds as `bounds` reads them.
  private static func text(_ bounds: HistogramBounds) -> String {
    bounds.upper.map { bound in
      let text = "\(bound)"
      return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }.joined(separator: ",")
  }

  private static func bounds(_ value: String) throws(UsageError) -> HistogramBounds {
    var bounds: [Double] = []
    for part in value.split(separator: ",", omittingEmptySubsequences: false) {
      guard let bound = number(part) else {
        throw UsageError(
          "--histogram.bounds: \(String(part).quoted) is not a bound; write numbers without a "
            + "unit, separated by commas, such as 0.1,0.5,1,5")
      }
      if let last = bounds.last, bound <= last {
        throw UsageError(
          "--histogram.bounds: \(String(part).quoted) is not above the bound before it; "
            + "write the bounds in ascending order")
      }
      bounds.append(bound)
    }
    guard bounds.count <= HistogramBounds.countMax else {
      throw UsageError(
        "--histogram.bounds: there are \(bounds.count) bounds; "
          + "write \(HistogramBounds.countMax) at most")
    }
    return HistogramBounds(upper: bounds)
  }

  /// A finite decimal number, which may have a minus sign and an exponent.
  private static func number(_ text: Substring) -> Double? {
    let allowed = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
        UInt8(ascii: "e"), UInt8(ascii: "+"):
        true
      default: false
      }
    }
    guard allowed, text.first != "+", let number = Double(text), number.isFinite else { return nil }
    // Minus zero would be shown as a bound of its own.
    return number == 0 ? 0 : number
  }
}

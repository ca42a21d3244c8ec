/// Which label of a name to leave out, if one stands out.
package enum LabelAdvice {
  /// A name with fewer series needs no advice.
  package static let seriesMin = 100

  /// A label, and the series that would be left without it.
  package struct Choice: Sendable {
    package let label: String
    package let seriesWithout: Int
    package let isExact: Bool

    package init(label: String, seriesWithout: Int, isExact: Bool) {
      self.label = label
      self.seriesWithout = seriesWithout
      self.isExact = isExact
    }
  }

  /// The label that makes most series; nil if no label would save half of them.
  ///
  /// - Parameter series: How many were counted.
  package static func best(series: Int, _ choices: [Choice]) -> Choice? {
    guard series >= seriesMin,
      let best = choices.min(by: { $0.seriesWithout < $1.seriesWithout }),
      best.seriesWithout * 2 <= series
    else { return nil }
    return best
  }

  /// What a choice saves, as a sentence.
  package static func sentence(series: Int, _ choice: Choice) -> String {
    "Without the label \(choice.label), \(choice.isExact ? "" : "about ")"
      + "\(ReadableNumbers.count(Double(choice.seriesWithout))) series would be left of \(ReadableNumbers.count(Double(series)))."
  }
}

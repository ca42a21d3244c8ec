/// What CloudWatch charges for custom metrics in a month, in dollars, by its list for the region us-east-1.
///
/// It bills a metric for the hours in which it has values. This is for metrics that have some in every hour.
package struct MonthlyCost: Sendable, Equatable {
  /// Up to how many metrics, and what each of these costs.
  private static let steps: [(upTo: Int, dollars: Double)] = [
    (10_000, 0.30), (250_000, 0.10), (1_000_000, 0.05), (.max, 0.02),
  ]
  private static let dollarsPerRequest = 0.01 / 1_000
  private static let secondsPerMonth = 730 * 3_600

  package let metrics: Double
  package let requests: Double

  /// - Parameters:
  ///   - count: Metrics, each with all of its dimensions.
  ///   - requests: Of each push.
  package init(metrics count: Int, requests: Int, intervalSeconds: Int) {
    var dollars = 0.0
    var below = 0
    for step in MonthlyCost.steps where count > below {
      dollars += Double(min(count, step.upTo) - below) * step.dollars
      below = step.upTo
    }
    metrics = dollars
    self.requests =
      Double(requests * MonthlyCost.secondsPerMonth / intervalSeconds)
      * MonthlyCost.dollarsPerRequest
  }

  /// `12.60`
  package static func text(_ dollars: Double) -> String {
    let cents = Int((dollars * 100).rounded())
    return "\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)"
  }
}

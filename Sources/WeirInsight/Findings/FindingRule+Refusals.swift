// Lines that Weir read and refused because of their content.
extension FindingRule {
  static let refusals: [FindingRule] = [
    FindingRule("lines_refused", view: "refused") { window in
      let lines = window.gain(\.counts.lines)
      let gains = window.now.refusals.filter { !$0.isLimit && $0.reason != "type_clash" }
        .map { (reason: $0, gain: window.gain($0, in: \.refusals, by: \.reason, \.count)) }
      let refused = gains.reduce(0) { $0 + $1.gain }
      guard refused > 0, let most = gains.max(by: { $0.gain < $1.gain }) else { return [] }
      let share = lines > 0 ? min(1, refused / lines) : 1
      let from = most.reason.from.map { ", mostly from \($0)" } ?? ""
      return [
        Draft(
          level: share >= 0.001 ? .bad : .warn,
          what: "\(ReadableNumbers.share(share)) of the lines are refused"
            + (most.gain < refused ? ", mostly" : "")
            + " as \(most.reason.reason): \(most.reason.means)\(from).",
          fix: most.reason.fix)
      ]
    },
    FindingRule("type_clash", view: "refused") { window in
      guard let clash = window.now.refusals.first(where: { $0.reason == "type_clash" }) else {
        return []
      }
      let gain = window.gain(clash, in: \.refusals, by: \.reason, \.count)
      guard gain > 0 else { return [] }
      let from = clash.from.map { " Most come from \($0)." } ?? ""
      return [
        Draft(
          level: .bad,
          what:
            ReadableNumbers.subject(gain, "line")
            + " refused in the last minute, because the series of the name have another type.\(from)",
          fix: clash.fix)
      ]
    },
  ]
}

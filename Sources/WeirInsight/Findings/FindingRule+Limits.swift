// Limits that are reached, or soon will be.
extension FindingRule {
  /// The share of a limit from which it counts as near.
  private static let nearShare = 0.9
  /// A limit that fills within this time is reported if it is half full, or fills within an hour.
  private static let soonSeconds = 14_400.0
  private static let verySoonSeconds = 3_600.0

  static let limits: [FindingRule] = [
    FindingRule("limit_reached", view: "limits") { window in
      window.now.limits.compactMap { limit in
        let refused = window.gain(limit, in: \.limits, by: \.limit, \.refused)
        guard refused > 0 else { return nil }
        return Draft(
          level: .bad, subject: limit.limit,
          what:
            ReadableNumbers.subject(refused, "sample")
            + " refused in the last minute because of \(limit.title). \(limit.use)",
          fix: limit.remedy)
      }
    },
    FindingRule("limit_overflow", view: "limits") { window in
      window.now.limits.compactMap { limit in
        let overflowed = window.gain(limit, in: \.limits, by: \.limit, \.overflowed)
        guard overflowed > 0 else { return nil }
        return Draft(
          level: .warn, subject: limit.limit,
          what:
            ReadableNumbers.subject(overflowed, "sample")
            + " counted without labels, in an overflow series, in the last minute because of \(limit.title). "
            + limit.use,
          fix: limit.remedy)
      }
    },
    FindingRule("limit_near", view: "limits") { window in
      window.now.limits.compactMap { limit in
        guard let used = limit.used, limit.max > 0, used / limit.max >= nearShare else {
          return nil
        }
        return Draft(level: .warn, subject: limit.limit, what: limit.use, fix: limit.remedy)
      }
    },
    FindingRule("limit_soon", view: "limits") { window in
      zip(window.now.limits, window.limitsFullIn).compactMap { limit, fullIn in
        guard let used = limit.used, let fullIn, used / limit.max < nearShare,
          fullIn < verySoonSeconds || fullIn < soonSeconds && used / limit.max > 0.5
        else { return nil }
        return Draft(
          level: .warn, subject: limit.limit,
          what:
            "\(limit.use) At this pace it is full in about \(ReadableNumbers.duration(fullIn)).",
          fix: limit.remedy)
      }
    },
  ]
}

extension Pulse.Limit {
  private var words: String { limit.split(separator: "_").joined(separator: " ") }

  /// The flag that sets the limit, or its name if there is none.
  fileprivate var title: String { flag ?? "the limit on \(words)" }

  /// How much is used, in sentences; of a limit on the size of one thing, what it is.
  fileprivate var use: String {
    let most = ReadableNumbers.count(max)
    guard let used = used.map(ReadableNumbers.count) else { return "It allows \(most)." }
    let advice = advice.map { " " + $0 } ?? ""
    guard let name else { return "\(used) of the \(most) that \(title) allows are used." }
    guard limit == "series_per_name" else {
      return
        "\(used) of the \(most) that \(title) allows are used. The name \(name) has most of them.\(advice)"
    }
    return "The name \(name) has \(used) of the \(most) series that \(title) allows.\(advice)"
  }

  fileprivate var remedy: String {
    let raise = flag.map { "raise `\($0)`" }
    if limit.hasSuffix("connections") {
      return "Find out who keeps them open" + (raise.map { ", or \($0)." } ?? ".")
    }
    if limit.hasPrefix("push_") {
      return "See Instances" + (raise.map { ", and \($0)." } ?? ".")
    }
    guard ["series", "series_per_name", "exposed_bytes"].contains(limit) else {
      return "See Limits and Refused for who needs more" + (raise.map { ", and \($0)." } ?? ".")
    }
    let end = " in the client or by a mapping rule" + (raise.map { ", or \($0)." } ?? ".")
    if let name, let label { return "Drop the label \(label) of \(name)\(end)" }
    return "See Names: the label with most values makes most series. Drop that label\(end)"
  }
}

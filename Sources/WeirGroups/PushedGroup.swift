import WeirExposition
import WeirMetrics

/// What was pushed under one key.
struct PushedGroup: Sendable, Equatable {
  let key: GroupKey
  /// What it shows, without its two times.
  var families: GroupFamilies = [:]
  /// Nil unless runs are added up.
  var runs: GroupRuns?
  /// When a push was taken and when one was refused last, in seconds since 1970; 0 if never.
  var pushSeconds = 0.0
  var failureSeconds = 0.0

  init(_ key: GroupKey) { self.key = key }

  static let pushName = Array("push_time_seconds".utf8)
  static let failureName = Array("push_failure_time_seconds".utf8)
  static let timeNames = [pushName, failureName]

  /// The families of its two times.
  var times: [PushedFamily] {
    [
      time(PushedGroup.pushName, "When metrics were pushed to this group last.", pushSeconds),
      time(
        PushedGroup.failureName, "When metrics for this group were refused last.",
        failureSeconds),
    ]
  }

  private func time(_ name: [UInt8], _ help: String, _ seconds: Double) -> PushedFamily {
    PushedFamily(
      name, help: help, type: .gauge,
      series: [PushedSeries(key.pushedLabels.spelling(of: name), .number(seconds))])
  }

  var bytes: Int { 512 + families.bytes + (runs?.bytes ?? 0) }

  /// With its two times.
  var seriesCount: Int { 2 + families.seriesCount }

  /// Puts the families of a push in place of its own.
  ///
  /// - Parameters:
  ///   - replaces: Whether families that the push does not have go.
  ///   - addsUp: Whether its counters and histograms are added to those of other runs.
  /// - Throws: Why they can't be added.
  mutating func put(
    _ pushed: [PushedFamily], replaces: Bool, addsUp: Bool
  ) throws(PushedBodyMistake) {
    var next: GroupFamilies = replaces ? [:] : families
    guard addsUp else {
      runs = nil
      for family in pushed { next[family.name] = family }
      families = next
      return
    }
    var runs = runs ?? GroupRuns()
    try runs.put(pushed, replaces: replaces)
    let totals = try runs.totals()
    for family in pushed where !family.type.isAddedUp { next[family.name] = family }
    for (name, family) in totals {
      if let other = next[name], !other.type.isAddedUp { throw GroupRuns.typeClash(name) }
      next[name] = family
    }
    // A push that replaces all may have left out what was there for this run alone.
    for (name, family) in next where family.type.isAddedUp && totals[name] == nil {
      next[name] = nil
    }
    families = next
    self.runs = runs
  }
}

import Testing
import WeirMetrics

@testable import WeirMapping

/// Which class a metric that comes back from a state file may have asked for.
struct AskedClassTests {
  static func seconds(_ seconds: UInt32) -> ClassSettings {
    var settings = ClassSettings()
    settings.lifetimeSeconds = seconds
    return settings
  }

  /// The lifetimes that may have been asked for; 0 for a class by flags alone.
  static func asked(_ rules: MappingRules, _ name: String, _ kind: MetricKind) -> [UInt32] {
    rules.asked(ofMetric: Array(name.utf8), kind: kind).map { asked in
      if case .settings(let settings) = asked { settings.lifetimeSeconds ?? 0 } else { 0 }
    }
  }

  static func rules() throws -> MappingRules {
    func rule(
      _ match: String, _ name: String, _ seconds: UInt32,
      _ change: (inout MappingRule.Content) -> Void = { _ in }
    ) throws -> MappingRule.Content {
      try MappingRulesTests.glob(match, name) {
        $0.settings = Self.seconds(seconds)
        change(&$0)
      }
    }
    return MappingRules(
      [
        try rule("a.*", "any_$1", 1),
        try rule("b.*", "own", 2),
        try rule("c.*", "own", 3) { $0.matchKind = .gauge },
        try rule("d.*", "turned", 4) { $0.resultKind = .gauge },
        try rule("e.*", "gone", 5) { $0.action = .drop },
        try rule("f.*", "timed", 6) { $0.matchKind = .histogram },
        try rule("g.*", "members", 7) {
          $0.matchKind = .counter
          $0.resultKind = .set
        },
        try rule("h.*", "level", 8) {
          $0.matchKind = .counter
          $0.resultKind = .gauge
        },
      ], defaults: Self.seconds(9))
  }

  @Test(
    arguments: [
      // No rule gives the name.
      ("other", .counter, [9, 0]), ("gone", .counter, [9, 0]),
      // A rule with references may give it, and so may a name without a rule.
      ("any_x", .counter, [1, 9, 0]),
      // A rule without references does.
      ("own", .counter, [2]), ("own", .gauge, [2, 3]),
      ("turned", .gauge, [4]),
      // It was a counter before the rule said otherwise, so that it does not come back.
      ("turned", .counter, []),
      // Sets stay sets.
      ("turned", .set, [4]),
      // The rule is for observations only.
      ("timed", .histogram, [6]), ("timed", .counter, [9, 0]),
      // The rule turns counters, and nothing else.
      ("members", .set, [7]), ("members", .counter, []), ("level", .gauge, [8]),
      ("level", .counter, []), ("level", .set, [9, 0]),
    ] as [(String, MetricKind, [UInt32])])
  func `is that of each rule that can give its name`(
    _ name: String, _ kind: MetricKind, _ expected: [UInt32]
  ) throws {
    #expect(Self.asked(try Self.rules(), name, kind) == expected)
  }
}

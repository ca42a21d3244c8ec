import BenchmarkKit
import WeirAggregation
import WeirBytes
import WeirConfiguration
import WeirMapping
import WeirMetrics

/// Names that are new: the rule for each, and the whole way from the line to a series.
enum NewNames {
  /// What the rules of a case are asked for.
  private enum Case: String, CaseIterable {
    case glob = "a glob matches"
    case expression = "an expression matches"
    case nothing = "no rule matches"
    case nearly = "three of a glob's four components match"

    /// Globs come before expressions, so that a name for an expression passes them.
    var rules: RuleSet {
      switch self {
      case .glob: .glob
      case .expression: .expression
      case .nothing, .nearly: .unused
      }
    }

    var isMapped: Bool { self == .glob || self == .expression }

    /// As long as those of real programs, 30 to 45 bytes.
    func name(_ index: Int) -> String {
      switch self {
      case .glob, .expression: "checkout\(index).eu_west_1.cart.requests"
      case .nothing: "backend\(index).eu_west_1.sessions.open.current"
      case .nearly: "shop\(index % RuleSet.globs).eu\(index).cart.other"
      }
    }
  }

  static func measure(_ options: Options) throws(FileMistake) -> Outcome {
    var outcome = Outcome()
    for item in Case.allCases {
      guard let rules = try item.rules.load() else { continue }
      let names = (0..<options.names).map { Array(item.name($0).utf8) }
      var asked: [Double] = []
      var plain: [Double] = []
      var mapped: [Double] = []
      for round in 0..<(options.rounds + 1) {
        let question = ask(rules, names)
        let without = make(nil, names)
        let with = make(rules, names)
        if question.mapped != (item.isMapped ? names.count : 0) {
          outcome.faults.append("\(item.rawValue): \(question.mapped) names were mapped.")
        }
        for (made, isMapped) in [(without, false), (with, item.isMapped)] {
          if made.series != names.count || made.refusals > 0 {
            outcome.faults.append("\(item.rawValue): \(made.series) series of \(names.count).")
          }
          if (made.families == 1) != isMapped {
            outcome.faults.append("\(item.rawValue): \(made.families) families.")
          }
        }
        if round == 0 { continue }
        asked.append(question.nanoseconds)
        plain.append(without.nanoseconds)
        mapped.append(with.nanoseconds)
      }
      var figures = Figures()
      figures.add("a new name", "case", item.rawValue)
      figures.add("the rule alone, ns", "rule_ns_median", asked.median, places: 0)
      figures.add("least", "rule_ns_min", asked.min(), places: 0)
      figures.add("line to series, ns", "line_ns_median", mapped.median, places: 0)
      figures.add("the same without rules", "line_without_ns_median", plain.median, places: 0)
      outcome.figures.append(figures)
    }
    return Outcome(figures: outcome.figures, faults: Array(outcome.faults.prefix(5)))
  }

  /// Asks for the outcome of each name.
  private static func ask(
    _ rules: MappingRules, _ names: [[UInt8]]
  ) -> (nanoseconds: Double, mapped: Int) {
    var mapped = 0
    let begin = Clock.threadTime()
    for name in names {
      if case .mapped = rules.outcome(of: name.span, kind: .counter) { mapped += 1 }
    }
    return (Double(Clock.threadTime() - begin) / Double(names.count), mapped)
  }

  private struct Made {
    var nanoseconds = 0.0
    var series = 0
    var families = 0
    var refusals = 0
  }

  /// Takes in a line for each name, into an aggregator that is empty.
  private static func make(_ rules: MappingRules?, _ names: [[UInt8]]) -> Made {
    let aggregator = KnownLines.aggregator(rules)
    var receiver = EngineReceiver(aggregator: aggregator)
    var payload: [UInt8] = []
    var ends: [Int] = []
    for name in names {
      payload += name + Array(":1|c".utf8)
      ends.append(payload.count)
    }
    let bytes = payload.span
    let begin = Clock.threadTime()
    var start = 0
    for end in ends {
      if receiver.isFull { receiver.apply(bytes) }
      receiver.decode(bytes, from: start, to: end)
      start = end
    }
    receiver.apply(bytes)
    var made = Made()
    made.nanoseconds = Double(Clock.threadTime() - begin) / Double(names.count)
    made.refusals = receiver.tally.refusals
    var catalog = Catalog()
    catalog.update(from: aggregator)
    made.families = catalog.families.count
    made.series = catalog.families.reduce(0) { $0 + $1.series.count }
    return made
  }
}

import BenchmarkKit
import WeirAggregation
import WeirBytes
import WeirConfiguration
import WeirMapping
import WeirMetrics

/// Lines whose names a receiver knows: decode, route and apply, by several files of rules in turn.
struct KnownLines {
  private let rules: RuleSet
  private let aggregator: Aggregator
  /// In a box, because it can't be copied.
  private let receiver: Slot

  private final class Slot: Sendable {
    let receiver: Locked<EngineReceiver>

    init(_ aggregator: Aggregator) { receiver = Locked(EngineReceiver(aggregator: aggregator)) }
  }

  /// Lines of a datagram, about as many as fit into a frame.
  private static let linesPerDatagram = 30

  private init(_ rules: RuleSet) throws(FileMistake) {
    self.rules = rules
    aggregator = try Self.aggregator(rules.load())
    receiver = Slot(aggregator)
  }

  /// An aggregator in which a name may have many series.
  static func aggregator(_ rules: MappingRules?) -> Aggregator {
    var limits = SeriesLimits()
    limits.seriesPerNameMax = limits.seriesMax
    return Aggregator(identityRules: rules ?? NoIdentityRules(), limits: limits)
  }

  /// Names as `shop17.eu3.cart.requests`; each has its own series by any rules.
  static func name(_ index: Int) -> String { "shop\(index % 500).eu\(index / 500).cart.requests" }

  static func measure(_ options: Options) throws(FileMistake) -> Outcome {
    var payload: [UInt8] = []
    var starts = [0]
    for first in stride(from: 0, to: options.series, by: linesPerDatagram) {
      let names = (first..<min(options.series, first + linesPerDatagram)).map(name)
      payload += Array(names.map { "\($0):1|c" }.joined(separator: "\n").utf8)
      starts.append(payload.count)
    }
    let passes = max(1, options.lines / options.series)
    var all: [[Double]] = RuleSet.allCases.map { _ in [] }
    var ratios = all
    var faults: [String] = []
    for _ in 0..<options.setups {
      var cases: [KnownLines] = []
      for rules in RuleSet.allCases { cases.append(try KnownLines(rules)) }
      for round in 0...options.rounds {
        var times = [Double](repeating: 0, count: RuleSet.allCases.count)
        for turn in times.indices {
          let index = (turn + round) % times.count
          times[index] =
            cases[index].round(payload, starts, passes) / Double(options.series * passes)
        }
        if round == 0 { continue }
        for index in times.indices {
          all[index].append(times[index])
          ratios[index].append(times[index] / times[0])
        }
      }
      for item in cases { faults += item.faults(options.series, passes * (options.rounds + 1)) }
    }
    var outcome = Outcome(faults: faults)
    for (index, rules) in RuleSet.allCases.enumerated() {
      var figures = Figures()
      figures.add("a known line", "case", rules.rawValue)
      figures.add("ns", "ns_median", all[index].median, places: 1)
      figures.add("least", "ns_min", all[index].min(), places: 1)
      figures.add("ratio to no rules", "ratio_median", ratios[index].median, places: 3)
      outcome.figures.append(figures)
    }
    return outcome
  }

  /// Takes in the payload, and gives the thread's nanoseconds.
  private func round(_ payload: [UInt8], _ starts: [Int], _ passes: Int) -> Double {
    receiver.receiver.withLock { receiver in
      let bytes = payload.span
      let begin = Clock.threadTime()
      for _ in 0..<passes {
        for datagram in 1..<starts.count {
          if receiver.isFull { receiver.apply(bytes) }
          receiver.decode(bytes, from: starts[datagram - 1], to: starts[datagram])
        }
        receiver.apply(bytes)
      }
      return Double(Clock.threadTime() - begin)
    }
  }

  /// What is wrong, if each series was counted so often.
  private func faults(_ series: Int, _ count: Int) -> [String] {
    var faults: [String] = []
    let tally = receiver.receiver.withLock { $0.tally }
    if tally != Tally(lines: series * count, samples: series * count, refusals: 0) {
      faults.append("\(rules.rawValue): \(tally) was counted.")
    }
    var catalog = Catalog()
    catalog.update(from: aggregator)
    let isMapped = rules == .glob || rules == .expression
    var found = 0
    for family in catalog.families {
      let name = String(decoding: family.name, as: UTF8.self)
      if isMapped != (name == "requests_total") {
        faults.append("\(rules.rawValue): \(name) is wrong.")
      }
      aggregator.forEachSeries(of: family) { piece, index in
        found += piece.value(index, kind: .counter) == Double(count) ? 1 : 0
      }
    }
    if found != series {
      faults.append("\(rules.rawValue): \(found) of \(series) series have the right value.")
    }
    return Array(faults.prefix(5))
  }
}

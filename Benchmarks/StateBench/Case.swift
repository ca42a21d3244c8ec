import BenchmarkKit
import WeirAggregation
import WeirBytes
import WeirMetrics
import WeirState

/// One measurement: series of one kind, of which some change before each cut.
struct Case {
  private let lines: [[UInt8]]
  private let changed: [Int]
  private let rounds: Int

  init(series: Int, of kind: Series.Kind, options: Options) {
    lines = Case.lines(series, of: kind)
    changed = options.changed
    rounds = options.rounds
  }

  /// Times in milliseconds, by round.
  struct Outcome {
    /// Of every hundred series, how many change; nil for the first cut, which has all of them.
    var changed: Int?
    var cpu: [Double] = []
    var lock: [Double] = []
    var held: [Double] = []
    var bytes = 0
    var faults: [String] = []
  }

  /// A line for each series.
  static func lines(_ series: Int, of kind: Series.Kind) -> [[UInt8]] {
    SeriesSet.make(count: series, of: kind).map { series in
      Array("\(series.family):3.5|\(kind.wire)|\(series.tags)\n".utf8)
    }
  }

  /// A server that has room for all series.
  static func aggregator() -> Aggregator {
    var limits = SeriesLimits()
    limits.seriesMax = Options.seriesMax + 10_000
    limits.seriesPerNameMax = limits.seriesMax
    limits.exposedBytesMax = .max / 2
    return Aggregator(limits: limits)
  }

  func run() -> [Outcome] {
    let aggregator = Case.aggregator()
    let owners = Owners(aggregator: aggregator)
    var receiver = EngineReceiver(aggregator: aggregator)
    var writer = StateWriter(owners: owners)
    var blocks = StateBlocks()
    var second: UInt32 = 1
    aggregator.expire(atSecond: second)
    Case.send(lines, every: 1, to: &receiver)
    var first = Outcome()
    measure(&writer, &blocks, second, series: lines.count, values: 0, into: &first)
    var outcomes = [first]
    for share in changed {
      var outcome = Outcome(changed: share)
      for _ in 0..<rounds {
        // A cut in between, because what changed in the second of a cut counts as changed again.
        second += 1
        aggregator.expire(atSecond: second)
        blocks.removeAll()
        _ = writer.writeChanges(times: StateTimes(second: second), into: &blocks)
        let sent = Case.send(lines, every: 100 / share, to: &receiver)
        measure(&writer, &blocks, second, series: 0, values: sent, into: &outcome)
      }
      outcomes.append(outcome)
    }
    return outcomes
  }

  /// Sends a line for every series, or for some of them; returns how many.
  @discardableResult
  static func send(_ lines: [[UInt8]], every step: Int, to receiver: inout EngineReceiver) -> Int {
    var sent = 0
    var bytes: [UInt8] = []
    for place in stride(from: 0, to: lines.count, by: step) {
      bytes += lines[place]
      sent += 1
      if sent % 256 == 0 || place + step >= lines.count {
        receiver.decode(bytes.span, from: 0, to: bytes.count)
        receiver.apply(bytes.span)
        bytes.removeAll(keepingCapacity: true)
      }
    }
    return sent
  }

  private func measure(
    _ writer: inout StateWriter, _ blocks: inout StateBlocks, _ second: UInt32, series: Int,
    values: Int, into outcome: inout Outcome
  ) {
    blocks.removeAll()
    let start = Clock.threadTime()
    let cut = writer.writeChanges(times: StateTimes(second: second), into: &blocks)
    outcome.cpu.append(Double(Clock.threadTime() - start) / 1e6)
    outcome.lock.append(cut.longestShardLock.milliseconds)
    outcome.held.append(cut.ownersHeld.milliseconds)
    outcome.bytes = blocks.byteCount
    if cut.series != series || cut.values != values {
      outcome.faults.append(
        "The cut has \(cut.series) new series and \(cut.values) others, not \(series) and \(values)."
      )
    }
  }
}

extension Case.Outcome {
  func figures(_ series: Int, _ kind: Series.Kind) -> Figures {
    var figures = Figures()
    figures.add("series", "series", series)
    figures.add("of", "of", kind.rawValue)
    figures.add("changed", "changed", changed.map { "\($0) %" } ?? "all are new")
    figures.add("copy and encode, CPU ms", "cpu_ms_median", cpu.median, places: 2)
    figures.add("longest shard lock, ms", "lock_ms_median", lock.median, places: 3)
    figures.add("owners held, ms", "held_ms_median", held.median, places: 3)
    figures.add("bytes", "bytes", bytes)
    figures.add("correct", "correct", faults.isEmpty)
    return figures
  }
}

extension Duration {
  fileprivate var milliseconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) * 1e3 + Double(attoseconds) / 1e15
  }
}

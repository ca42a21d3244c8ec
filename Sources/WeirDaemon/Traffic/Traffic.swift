import WeirAggregation
import WeirBytes
import WeirInsight
import WeirPush

/// Which names and senders are busy, sampled while somebody asks.
final class Traffic: Sendable {
  /// Seconds after the last question at which sampling ends.
  static let idleSecondsMax = 600.0

  /// A shorter time says nothing about the pace.
  private static let paceSecondsMin = 0.5

  private struct State {
    var lastAsked = 0.0
    /// Nil while nobody asks.
    var rates: Rates?
    /// When samples were taken last.
    var takenAt = 0.0
    var samples: [ObjectIdentifier: TrafficSample] = [:]
  }

  private struct Rates {
    var names: BusiestKeys<[UInt8]>
    var senders: BusiestKeys<SenderKey>
    let startedAt: Double

    init(at seconds: Double) {
      names = BusiestKeys(at: seconds)
      senders = BusiestKeys(at: seconds)
      startedAt = seconds
    }
  }

  let watch: Watch
  private let aggregator: Aggregator
  private let seconds: @Sendable () -> Double
  private let state = Locked(State())

  /// - Parameter seconds: A clock that never goes back.
  init(
    watch: Watch, aggregator: Aggregator,
    seconds: @escaping @Sendable () -> Double = Traffic.clock()
  ) {
    self.watch = watch
    self.aggregator = aggregator
    self.seconds = seconds
  }

  static func clock() -> @Sendable () -> Double {
    let start = ContinuousClock.now
    return { (ContinuousClock.now - start) / .seconds(1) }
  }

  /// A sample of a pipeline's own, until `remove`.
  func makeSample() -> TrafficSample {
    let sample = TrafficSample()
    state.withLock { $0.samples[ObjectIdentifier(sample)] = sample }
    return sample
  }

  func remove(_ sample: TrafficSample) {
    state.withLock { $0.samples[ObjectIdentifier(sample)] = nil }
  }

  /// Notes that somebody asks, and begins to sample if nobody has asked lately.
  func ask() {
    let now = seconds()
    state.withLock { state in
      state.lastAsked = now
      guard state.rates == nil else { return }
      // What was left of an earlier time says nothing about now.
      for sample in state.samples.values { _ = sample.take() }
      state.rates = Rates(at: now)
      state.takenAt = now
      watch.set(.sampling, true)
    }
  }

  /// Reads what was sampled once a second until its task is cancelled.
  func run() async {
    while (try? await Task.sleep(for: .seconds(1))) != nil { update() }
  }

  /// Takes in what was sampled, or ends sampling when nobody has asked for long.
  func update() {
    let now = seconds()
    let (samples, elapsed) = state.withLock { state -> ([TrafficSample], Double) in
      guard state.rates != nil else { return ([], 0) }
      if now - state.lastAsked > Traffic.idleSecondsMax {
        state.rates = nil
        watch.set(.sampling, false)
        for sample in state.samples.values { _ = sample.take() }
        return ([], 0)
      }
      defer { state.takenAt = now }
      return (Array(state.samples.values), now - state.takenAt)
    }
    guard !samples.isEmpty else { return }
    let pace = elapsed >= Traffic.paceSecondsMin ? elapsed : nil
    let taken = samples.map { $0.take(after: pace) }
    let series = taken.flatMap(\.series)
    let names = aggregator.names(of: series.map(\.element))
    state.withLock { state in
      guard state.rates != nil else { return }
      state.rates?.names.advance(to: now)
      state.rates?.senders.advance(to: now)
      for (entry, name) in zip(series, names) {
        if let name { state.rates?.names.add(name, amount: entry.weight) }
      }
      for entry in taken.flatMap(\.sent) {
        let sent = entry.element
        state.rates?.senders.add(
          sent.sender, amount: entry.weight * sent.lines, refused: entry.weight * sent.refused)
      }
    }
  }

  /// For how long there has been sampling; 0 while nobody asks.
  var sampledSeconds: Double {
    let now = seconds()
    return state.withLock { $0.rates.map { now - $0.startedAt } ?? 0 }
  }

  /// Lines a second of all names that are known, without quotes and escapes.
  var nameRates: [[UInt8]: Double] { state.withLock { $0.rates?.names.rates ?? [:] } }

  func busiestNames(_ count: Int) -> [BusiestKeys<[UInt8]>.Reading] {
    state.withLock { $0.rates?.names.busiest(count).keys ?? [] }
  }

  func busiestSenders(
    _ count: Int
  ) -> (keys: [BusiestKeys<SenderKey>.Reading], others: (keys: Int, amount: Double)) {
    state.withLock { state in
      state.rates?.senders.busiest(count) ?? (keys: [], others: (keys: 0, amount: 0))
    }
  }
}

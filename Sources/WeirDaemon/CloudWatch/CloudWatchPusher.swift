// Safety: the actor holds the executor that it names, so that the unowned reference never dangles.

import Glibc
import WeirAggregation
import WeirCloudWatch
import WeirSockets

/// Pushes what metrics gained to CloudWatch, in rounds.
///
///     read all series ─▶ gains since the ledger ─▶ requests ─▶ each: sign, send ─▶ answered: ledger, commit
///                                                                 │
///                                                                 └─ no answer: tried again, then kept for the next round
actor CloudWatchPusher {
  /// How often a request is sent in a round.
  static let attemptsMax = 3
  /// The longest wait before the second attempt; twice as long before the third.
  static let retryMilliseconds = 1_000
  /// Rounds that are left out after the credentials were not accepted: 1, 3, 7, 15.
  static let heldRoundsMax = 15
  /// How long an answer waits for the commit of the ledger. Then the next commit has it.
  static let commitSeconds = 5

  /// libcurl blocks, so this queue does nothing else.
  private nonisolated let executor = DispatchQueueExecutor(label: "weir.cloudwatch")
  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  struct Settings: Sendable {
    var namespace: String
    var dimensions: [String] = []
    var metricsMax = 500
    var interval = Duration.seconds(60)
  }

  /// What it reads, and what it tells.
  struct Parts: Sendable {
    let aggregator: Aggregator
    let ledger: CloudWatchLedger
    let meter: CloudWatchMeter
    /// The families that may be pushed, as of now.
    let families: @Sendable () async -> ShownFamilies
    /// Commits the ledger; waits for at most `commitSeconds`.
    let commit: @Sendable () async -> Void
    let wallClock: @Sendable () -> timespec
    let log: Log
  }

  private let settings: Settings
  private let parts: Parts
  private let labels: DimensionLabels
  private var sender: CloudWatchSender
  /// Waits before a request is tried again.
  private let wait: @Sendable (Duration) async throws -> Void

  /// The metrics of the last round.
  private var metrics: Set<CloudWatchMetric> = []
  /// Series of requests that were not answered, with what they had then. If they are removed before the next round, it
  /// pushes that.
  private var unanswered: [[UInt8]: ReadSeries] = [:]
  private var heldRounds = 0
  private var roundsToHold = 0
  /// What was logged last, so that a fault that lasts is logged once.
  private var lastFault = ""
  private var lastRefusal = ""
  private var loggedOverLimit = 0
  private var isPushing = false
  private var idleWaiters: [CheckedContinuation<Void, Never>] = []

  init(
    _ settings: Settings, _ parts: Parts,
    wait: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
    makeExchange: @escaping @Sendable () -> any CloudWatchExchange
  ) {
    self.settings = settings
    self.parts = parts
    self.wait = wait
    sender = CloudWatchSender(
      meter: parts.meter, wallClock: parts.wallClock, makeExchange: makeExchange)
    labels = DimensionLabels(settings.dimensions)
  }

  /// Reads all series before anything is received, so that what they have is not pushed.
  func begin() async {
    var series: [ReadSeries] = []
    await parts.families().forEachSeries(in: parts.aggregator) { series.append($0) }
    let baseline = parts.ledger.begin(series)
    if baseline > 0 {
      parts.log.info(
        "series that are there already are pushed from now on", ["series": .init(baseline)])
    }
  }

  /// Pushes at each interval, until its task is cancelled.
  func run() async {
    let clock = ContinuousClock()
    var next = clock.now + settings.interval
    while true {
      do { try await Task.sleep(until: next, clock: clock) } catch { return }
      if roundsToHold > 0 { roundsToHold -= 1 } else { await push() }
      next += settings.interval
      let now = clock.now
      // A round that took longer than the interval is not made up for.
      while next <= now { next += settings.interval }
    }
  }

  /// Pushes what is left, with one attempt a request. Called when nothing is received any more.
  func finish(by end: ContinuousClock.Instant) async {
    while isPushing { await withCheckedContinuation { idleWaiters.append($0) } }
    await push(by: end)
  }

  /// One round.
  ///
  /// - Parameter end: When Weir stops; nil while it does not.
  func push(by end: ContinuousClock.Instant? = nil) async {
    isPushing = true
    defer {
      isPushing = false
      for waiter in idleWaiters { waiter.resume() }
      idleWaiters = []
    }
    let round = await read()
    let put = PutMetricData(
      round.data, namespace: settings.namespace, timestamp: RFC3339.text(parts.wallClock()))
    parts.ledger.note(put.passed)
    parts.meter.update { $0.metricsDropped += round.unusable + put.tooLong }
    var goesOn = true
    for request in put.requests {
      if goesOn { goesOn = await deliver(request, by: end) }
      if !goesOn { for series in request.series { unanswered[series.spelling] = series } }
    }
    if goesOn, !put.requests.isEmpty { recovered() }
  }

  private func read() async -> CloudWatchRound {
    let families = await parts.families()
    var reader = CloudWatchReader(
      labels: labels, metricsMax: settings.metricsMax, known: metrics, ledger: parts.ledger.contents
    )
    var left = unanswered
    unanswered = [:]
    families.forEachSeries(in: parts.aggregator) { series in
      if let before = left.removeValue(forKey: series.spelling),
        before.startUnixSeconds != series.startUnixSeconds
      {
        reader.add(before)
      }
      reader.add(series)
    }
    for series in left.values { reader.add(series) }
    let round = reader.finish()
    parts.ledger.keep(round.series)
    parts.ledger.note(round.passed)
    metrics = round.metrics
    parts.meter.update {
      $0.metricsInUse = round.metrics.count
      $0.metricsOverLimit = round.metricsOverLimit
    }
    report(overLimit: round.metricsOverLimit)
    return round
  }

  private func report(overLimit count: Int) {
    guard count > loggedOverLimit else { return }
    loggedOverLimit = count
    let all = MonthlyCost(
      metrics: metrics.count + count, requests: 1,
      intervalSeconds: max(1, Int(settings.interval / .seconds(1))))
    parts.log.warn(
      "metrics are not pushed to CloudWatch because there are more than --cloudwatch.max-metrics",
      [
        "limit": .init(settings.metricsMax), "not_pushed": .init(count),
        "dollars_a_month_for_all": .text(MonthlyCost.text(all.metrics)),
      ])
  }

  // One request.

  /// - Returns: Whether there is a use in sending more in this round.
  private func deliver(
    _ request: PutMetricData.Request, by end: ContinuousClock.Instant?
  ) async -> Bool {
    guard let packed = CloudWatchSender.pack(request.body) else {
      return failed(.unavailable, "there is no memory")
    }
    var attempts = 0
    var isRenewed = false
    while true {
      attempts += 1
      switch sender.attempt(packed, by: end) {
      case .accepted:
        parts.ledger.note(request.series)
        parts.meter.update {
          $0.requests += 1
          $0.metrics += request.metrics
          let now = parts.wallClock()
          $0.lastSuccessSeconds = Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
        }
        heldRounds = 0
        await parts.commit()
        return true
      case .refused(let sentence):
        // It would be refused each time.
        parts.ledger.note(request.series)
        parts.meter.update { $0.metricsDropped += request.metrics }
        _ = failed(.refused, "\(sentence); \(request.metrics) metrics are dropped")
        return true
      case .forbidden(let sentence, let wasAsked):
        sender.forgetCredentials()
        if wasAsked, !isRenewed {
          isRenewed = true
          attempts -= 1
          continue
        }
        hold()
        return failed(.credentials, sentence)
      case .later(let fault, let sentence):
        guard end == nil, attempts < CloudWatchPusher.attemptsMax else {
          return failed(fault, sentence)
        }
        parts.meter.count(fault)
        let longest = CloudWatchPusher.retryMilliseconds << (attempts - 1)
        do {
          try await wait(.milliseconds(Int.random(in: longest / 10...longest)))
        } catch {
          return failed(fault, sentence)
        }
      }
    }
  }

  /// Leaves out some rounds, so that wrong credentials are not tried each minute.
  private func hold() {
    heldRounds = min(2 * heldRounds + 1, CloudWatchPusher.heldRoundsMax)
    roundsToHold = heldRounds
  }

  // The log.

  private func failed(_ fault: CloudWatchMeter.Fault, _ sentence: String) -> Bool {
    parts.meter.count(fault)
    if sentence != (fault == .refused ? lastRefusal : lastFault) {
      if fault == .refused { lastRefusal = sentence } else { lastFault = sentence }
      parts.log.warn(
        fault == .refused
          ? "CloudWatch refused metrics"
          : "nothing can be pushed to CloudWatch; what is counted is kept",
        ["reason": .text(fault.rawValue), "error": .text(sentence)])
    }
    return false
  }

  private func recovered() {
    guard !lastFault.isEmpty else { return }
    lastFault = ""
    parts.log.info("pushing to CloudWatch again")
  }
}

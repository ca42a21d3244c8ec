// Safety: the actor holds the executor that it names, so that the unowned reference never dangles.

import Glibc
import WeirAggregation
import WeirCloudWatch
import WeirSockets

/// Pushes what metrics gained to CloudWatch, in rounds.
///
///     read all series ─▶ ledger: totals, gains ─▶ requests ─▶ each: sign, send ─▶ answered: gains settled, commit
///                                                                │
///                                                                └─ no answer: tried again, then left for the next round
actor CloudWatchPusher {
  /// How often a request is sent in a round.
  static let attemptsMax = 3
  /// The longest wait before the second attempt; twice as long before the third.
  static let retryMilliseconds = 1_000
  /// Rounds that send nothing after the credentials were not accepted: 1, 3, 7, 15, as long as that is at most a quarter
  /// of an hour. They read all the same.
  static let heldRoundsMax = 15
  static let heldSecondsMax = 900.0
  /// How long an answer waits for the commit of the ledger. Then the next commit has it.
  static let commitSeconds = 5
  /// Names of metrics that are logged because they can't be pushed, each once.
  static let droppedNamesMax = 100

  /// libcurl blocks, so this queue does nothing else.
  private nonisolated let executor = DispatchQueueExecutor(label: "weir.cloudwatch")
  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  struct Settings: Sendable {
    var namespace: String
    /// The patterns of names.
    var include = ["*"]
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
  private var heldRounds = 0
  private var roundsToHold = 0
  /// What was logged, so that a fault that lasts, or two in turn, are logged once.
  private var loggedFaults: Set<String> = []
  private var loggedRefusals: Set<String> = []
  private var loggedOverLimit = 0
  private var loggedDropped: Set<String> = []
  private var isPushing = false
  private var idleWaiters: [CheckedContinuation<Void, Never>] = []
  private nonisolated let stopTime = StopTime()

  init(
    _ settings: Settings, _ parts: Parts,
    wait: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
    makeExchange: @escaping @Sendable () -> any CloudWatchExchange
  ) {
    self.settings = settings
    self.parts = parts
    self.wait = wait
    sender = CloudWatchSender(
      meter: parts.meter, wallClock: parts.wallClock, stopTime: stopTime, makeExchange: makeExchange
    )
    labels = DimensionLabels(settings.dimensions)
  }

  /// Reads all series before anything is received, so that what they have is not pushed.
  func begin() async {
    var series: [ReadSeries] = []
    await parts.families().forEachSeries(in: parts.aggregator) { series.append($0) }
    let baseline = parts.ledger.begin(
      series, included: settings.include, dimensions: settings.dimensions)
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
      if Task.isCancelled { return }
      await push()
      next += settings.interval
      let now = clock.now
      // A round that took longer than the interval is not made up for.
      while next <= now { next += settings.interval }
    }
  }

  /// Pushes what is left, with one attempt for each request. Called after `stop`, when nothing is received any more.
  func finish() async {
    roundsToHold = 0
    await push()
  }

  /// Ends waiting requests at `end`. It needs no turn of the actor, which a request occupies.
  nonisolated func stop(by end: ContinuousClock.Instant) { stopTime.set(end) }

  /// One round.
  func push() async {
    while isPushing { await withCheckedContinuation { idleWaiters.append($0) } }
    isPushing = true
    defer {
      isPushing = false
      for waiter in idleWaiters { waiter.resume() }
      idleWaiters = []
    }
    let round = await read()
    if roundsToHold > 0 {
      roundsToHold -= 1
      return
    }
    let refused = parts.meter.reading.faults[.refused]
    let put = PutMetricData(
      round.data, namespace: settings.namespace, timestamp: RFC3339.text(parts.wallClock()))
    parts.ledger.settle(put.tooLong)
    drop(Set(put.tooLong.map(\.description)))
    for request in put.requests {
      guard await deliver(request) else { return }
    }
    if parts.meter.reading.faults[.refused] == refused { loggedRefusals = [] }
    if !put.requests.isEmpty { recovered() }
  }

  private func read() async -> CloudWatchRound {
    let families = await parts.families()
    var reader = CloudWatchReader(
      labels: labels, metricsMax: settings.metricsMax, known: metrics, ledger: parts.ledger.contents
    )
    families.forEachSeries(in: parts.aggregator) { reader.add($0) }
    let round = reader.finish()
    parts.ledger.take(round)
    metrics = round.metrics
    parts.meter.update {
      $0.metricsInUse = round.metrics.count
      $0.metricsOverLimit = round.metricsOverLimit
    }
    drop(round.unusable)
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

  /// Counts metrics that can't be pushed, and logs the names that were not logged yet.
  private func drop(_ names: Set<String>) {
    guard !names.isEmpty else { return }
    parts.meter.update { $0.metricsDropped += names.count }
    let new = names.subtracting(loggedDropped).sorted()
      .prefix(CloudWatchPusher.droppedNamesMax - loggedDropped.count)
    guard !new.isEmpty else { return }
    loggedDropped.formUnion(new)
    parts.log.warn(
      "metrics are not pushed, because CloudWatch can't take their name, value or second type",
      ["metrics": .init(new.count), "names": .text(new.prefix(5).joined(separator: " "))])
  }

  // One request.

  /// - Returns: Whether there is a use in sending more in this round.
  private func deliver(_ request: PutMetricData.Request) async -> Bool {
    guard let packed = CloudWatchSender.pack(request.body) else {
      return failed(.unavailable, "there is no memory")
    }
    var attempts = 0
    var isRenewed = false
    while true {
      attempts += 1
      switch sender.attempt(packed) {
      case .accepted:
        parts.ledger.settle(request.metrics)
        parts.meter.update {
          $0.requests += 1
          $0.metrics += request.members
          $0.lastSuccessSeconds = parts.wallClock().inSeconds
        }
        heldRounds = 0
        await parts.commit()
        return true
      case .refused(let sentence):
        // It would be refused each time.
        parts.ledger.settle(request.metrics)
        parts.meter.update { $0.metricsDropped += request.metrics.count }
        _ = failed(.refused, sentence, "; \(request.named) dropped")
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
        guard !stopTime.isSet, attempts < CloudWatchPusher.attemptsMax else {
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
    let longest = Int(CloudWatchPusher.heldSecondsMax / max(1, settings.interval / .seconds(1)))
    heldRounds = min(2 * heldRounds + 1, CloudWatchPusher.heldRoundsMax, longest)
    roundsToHold = heldRounds
  }

  // The log.

  /// - Parameter more: What is logged with it.
  private func failed(
    _ fault: CloudWatchMeter.Fault, _ sentence: String, _ more: String = ""
  ) -> Bool {
    parts.meter.count(fault)
    // Status and code. The message that follows them may have a number that is never the same.
    let kind = sentence.split(separator: ": ").prefix(2).joined(separator: ": ")
    if fault == .refused {
      if loggedRefusals.insert(kind).inserted {
        parts.log.warn(
          "CloudWatch refused metrics",
          ["reason": .text(fault.rawValue), "error": .text(sentence + more)])
      }
      return false
    }
    parts.meter.update { $0.isFailing = true }
    if loggedFaults.insert(kind).inserted {
      parts.log.warn(
        "nothing can be pushed to CloudWatch; what is counted is kept",
        ["reason": .text(fault.rawValue), "error": .text(sentence)])
    }
    return false
  }

  private func recovered() {
    parts.meter.update { $0.isFailing = false }
    guard !loggedFaults.isEmpty else { return }
    loggedFaults = []
    parts.log.info("pushing to CloudWatch again")
  }
}

extension PutMetricData.Request {
  /// Its metrics as the subject of a sentence, with the first names.
  fileprivate var named: String {
    let names = metrics.prefix(5).map(\.description).joined(separator: " ")
    return metrics.count == 1 ? "\(names) is" : "\(metrics.count) metrics (\(names)) are"
  }
}

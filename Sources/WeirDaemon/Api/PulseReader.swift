import WeirAggregation
import WeirBytes
import WeirHTTP
import WeirInsight
import WeirMetrics
import WeirPush
import WeirSockets

/// Reads what the history and the findings need from the running parts.
struct PulseReader: Sendable {
  let status: StatusReader
  /// The receive buffer that was requested for each UDP socket.
  let askedBufferBytes: Int
  private let start = ContinuousClock.now
  /// The name that has most series, and when it was found. Finding it takes time for each name.
  private let fullest = Fullest()

  /// How long a name counts as the fullest, at least.
  private static let fullestSeconds = 10.0
  /// The share of the limit on one name's series from which the name is found.
  private static let fullestShare = 0.3

  private final class Fullest: Sendable {
    let found = Locked<(name: String, seconds: Double)?>(nil)
  }

  init(_ status: StatusReader, askedBufferBytes: Int) {
    self.status = status
    self.askedBufferBytes = askedBufferBytes
  }

  var uptimeSeconds: Double { (ContinuousClock.now - start) / .seconds(1) }

  /// - Complexity: O(shards + listeners + limits + refused lines that are kept).
  func read() -> Pulse {
    let metrics = status.metrics(mergesGauges: false)
    var pulse = Pulse()
    pulse.uptimeSeconds = uptimeSeconds
    pulse.listeners = metrics.ingest.map(listener)
    pulse.refusals = refusals(metrics.received)
    pulse.counts = counts(metrics, pulse)
    pulse.limits = OwnMetrics(metrics).allLimitRows.map { limit($0, metrics, pulse.uptimeSeconds) }
    pulse.scrapes.count = metrics.scrapes.count
    pulse.scrapes.timedOut = metrics.scrapes.timedOut
    pulse.scrapes.hiddenSeries = metrics.scrapes.hiddenSeries
    let now = Log.wallSeconds()
    let scrapes = status.scrapeLog.reading
    pulse.scrapes.lastAgeSeconds = scrapes.last.map {
      max(0, now - Double($0.milliseconds) / 1_000)
    }
    pulse.counts.scrapeSeconds = scrapes.last?.seconds
    pulse.push = push(metrics.push)
    addFiles(metrics.files, to: &pulse, now: now)
    pulse.isStateProtected = metrics.state?.isProtected
    pulse.relays =
      metrics.relay?.targets.map {
        Pulse.Relay(
          target: $0.name, dropped: Double($0.totals.dropped.values.reduce(0) { $0 + $1.lines }))
      } ?? []
    pulse.forward = metrics.forward.map { forward in
      var reading = Pulse.Forward()
      let confirmed = forward.own.lastConfirmedSeconds
      reading.confirmedAgeSeconds = confirmed > 0 ? max(0, now - confirmed) : nil
      reading.framesFailed = Double(forward.own.framesFailed)
      return reading
    }
    pulse.cloudWatch = metrics.cloudWatch.map { cloudWatch in
      var reading = Pulse.CloudWatch()
      reading.isFailing = cloudWatch.isFailing
      reading.metricsDropped = Double(cloudWatch.metricsDropped)
      reading.metricsOverLimit = Double(cloudWatch.metricsOverLimit)
      return reading
    }
    pulse.logLinesLost = metrics.logLinesLost
    pulse.connectionsRefused = Int(clamping: metrics.http.connectionsRefused)
    return pulse
  }

  private func listener(_ ingest: Status.Ingest) -> Pulse.Listener {
    var listener = Pulse.Listener(name: ingest.name.description)
    listener.datagrams = Double(ingest.totals.datagrams)
    listener.dropped = Double(ingest.dropped)
    listener.refusedSources = Double(ingest.totals.refusedSources)
    listener.refusedTexts = Double(ingest.totals.refusedTexts)
    listener.bufferBytes = ingest.receiveBufferBytes
    listener.askedBufferBytes = askedBufferBytes
    return listener
  }

  private func counts(_ metrics: Status.Metrics, _ pulse: Pulse) -> Pulse.Counts {
    let received = metrics.received
    var counts = Pulse.Counts()
    counts.datagrams = Double(metrics.ingest.reduce(0) { $0 + $1.totals.datagrams })
    counts.bytes = Double(received.bytes)
    counts.lines = Double(received.lines)
    counts.samples = Double(received.samples.reduce(0, +))
    counts.pushRecords = Double(metrics.push.totals.records)
    counts.dropped = pulse.listeners.reduce(0) { $0 + $1.dropped }
    for refusal in pulse.refusals {
      if refusal.isLimit {
        counts.limited += refusal.count
      } else {
        counts.refused += refusal.count
      }
    }
    for kind in MetricKind.allCases {
      counts.expired += Double(metrics.series.expired(kind))
      counts.series += Double(metrics.series.series(kind))
    }
    counts.framesLost = Double(metrics.push.totals.lost)
    counts.cpuSeconds = metrics.process.cpuSeconds ?? 0
    return counts
  }

  private func refusals(_ received: IngestTotals) -> [Pulse.Refused] {
    let kept = status.refused.lastEntries
    return Refusal.allCases.map { refusal in
      var reason = Pulse.Refused(
        reason: "\(refusal.label)", means: refusal.sentence, fix: refusal.remedy)
      reason.count = Double(received.refusals(refusal))
      reason.isLimit = LimitName.allCases.contains { $0.refusal == refusal }
      if reason.count > 0 {
        var senders: [String: Int] = [:]
        for entry in kept where entry.reason == refusal {
          senders[entry.sender.host, default: 0] += 1
        }
        reason.from = senders.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
      }
      return reason
    }
  }

  private func limit(_ row: LimitRow, _ metrics: Status.Metrics, _ seconds: Double) -> Pulse.Limit {
    var limit = Pulse.Limit(
      limit: row.name, flag: LimitFlags.flag(of: row.name), used: row.used.map { Double($0) },
      max: Double(row.limit))
    if let name = LimitName.allCases.first(where: { "\($0.label)" == row.name }) {
      for tally in metrics.limits.tally.rows(name) {
        limit.refused += Double(tally.count.refused)
        limit.overflowed += Double(tally.count.overflowed)
      }
      if name == .seriesPerName, let used = limit.used, used / limit.max >= PulseReader.fullestShare
      {
        limit.name = fullestName(at: seconds)
      }
    }
    return limit
  }

  private func fullestName(at seconds: Double) -> String? {
    if let found = fullest.found.withLock({ $0 }),
      seconds - found.seconds < PulseReader.fullestSeconds
    {
      return found.name
    }
    guard let bytes = status.aggregator.fullestName() else { return nil }
    let name = ShownText.of(SpelledName.raw(bytes))
    fullest.found.withLock { $0 = (name, seconds) }
    return name
  }

  private func push(_ push: Status.Push) -> Pulse.Push {
    var reading = Pulse.Push()
    reading.frames = Double(push.totals.frames)
    reading.framesLost = Double(push.totals.lost)
    reading.forgottenForRoom = Double(push.totals.forgottenForRoom)
    for refusal in PushRefusal.allCases {
      reading.refusedFrames["\(refusal.label)"] = Double(push.refused.frames[Int(refusal.rawValue)])
    }
    for refusal in RecordRefusal.allCases {
      reading.refusedRecords["\(refusal.label)"] = Double(
        push.refused.records[Int(refusal.rawValue)])
    }
    for refusal in Refusal.allCases where refusal.isOfSeries {
      reading.refusedRecords["\(refusal.label)"] = Double(
        push.refused.series[Int(refusal.rawValue)])
    }
    return reading
  }

  private func addFiles(_ files: Status.Files, to pulse: inout Pulse, now: Double) {
    let all = [
      ("web configuration file", files.web), ("keys file", files.keys),
      ("mapping file", files.mapping?.reload),
    ]
    for case (let name, let reading?) in all {
      pulse.files.append(Pulse.File(name: name, isLoaded: reading.isSuccessful))
    }
    pulse.certificateEndsInSeconds = files.web?.certificateEnd.map { $0 - now }
  }
}

import WeirAggregation
import WeirBytes
import WeirHTTP
import WeirInsight
import WeirMetrics
import WeirPush
import WeirSockets

/// Reads what the history and the findings need from the running parts.
final class PulseReader: Sendable {
  let status: StatusReader
  /// The receive buffer that was requested for each UDP socket.
  let askedBufferBytes: Int
  /// Which label makes the series of the fullest name.
  let adviser: LabelAdviser
  private let start = ContinuousClock.now
  private let kept = Locked(Kept())

  /// What takes time for each name or for each instance, and is read again when it is too old.
  private struct Kept {
    /// The name that has most series, without quotes and escapes.
    var fullest: [UInt8]?
    var fullestAt = -Double.infinity
    /// How many totals the instance has that has most, and the forwarder.
    var totals = (fullest: 0, fullestForwarder: 0)
    var totalsAt = -Double.infinity
  }

  /// How long that counts, in seconds.
  private static let keptSeconds = 10.0
  /// The share of a limit on series from which the fullest name is found, and the one from which its labels are
  /// counted.
  private static let fullestShare = 0.3
  private static let labelsShare = 0.5

  init(_ status: StatusReader, askedBufferBytes: Int, adviser: LabelAdviser) {
    self.status = status
    self.askedBufferBytes = askedBufferBytes
    self.adviser = adviser
  }

  var uptimeSeconds: Double { (ContinuousClock.now - start) / .seconds(1) }

  /// - Complexity: O(shards + listeners + limits + refused lines that are kept).
  func read() -> Pulse {
    var metrics = status.metrics(isScrape: false)
    var pulse = Pulse()
    pulse.uptimeSeconds = uptimeSeconds
    let totals = totals(at: pulse.uptimeSeconds)
    metrics.push.totals.fullest = totals.fullest
    metrics.push.totals.fullestForwarder = totals.fullestForwarder
    pulse.listeners = metrics.ingest.map(listener)
    pulse.refusals = refusals(metrics.received)
    pulse.counts = counts(metrics, pulse)
    pulse.limits = OwnMetrics(metrics).allLimitRows.map { limit($0, metrics, pulse.uptimeSeconds) }
    pulse.scrapes.count = metrics.scrapes.count
    pulse.scrapes.timedOut = metrics.scrapes.timedOut
    pulse.scrapes.hiddenSeries = metrics.scrapes.hiddenSeries
    let now = Log.wallSeconds()
    let scrapes = status.scrapeLog.reading
    pulse.scrapes.lastAgeSeconds = scrapes.answeredAt.map(status.scrapeLog.age)
    pulse.scrapes.abandoned = Double(scrapes.abandoned)
    pulse.scrapes.abandonedBy = scrapes.abandonedBy
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
    pulse.cluster = metrics.cluster.map { Pulse.Cluster($0, wallSeconds: now) }
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
    limit.comesAndGoes = row.name.hasSuffix("connections")
    if let name = LimitName.allCases.first(where: { "\($0.label)" == row.name }) {
      for tally in metrics.limits.tally.rows(name) {
        limit.refused += Double(tally.count.refused)
        limit.overflowed += Double(tally.count.overflowed)
      }
      if let used = limit.used { addName(to: &limit, name, share: used / limit.max, at: seconds) }
    }
    return limit
  }

  private func addName(
    to limit: inout Pulse.Limit, _ kind: LimitName, share: Double, at seconds: Double
  ) {
    let least = kind == .seriesPerName ? PulseReader.fullestShare : PulseReader.labelsShare
    guard kind == .seriesPerName || kind == .series, share >= least,
      let name = fullestName(at: seconds)
    else { return }
    limit.name = ShownText.of(name)
    guard share >= PulseReader.labelsShare, let advice = adviser.advice(on: name) else { return }
    limit.label = advice.label
    limit.advice = advice.sentence
  }

  private func fullestName(at seconds: Double) -> [UInt8]? {
    let known = kept.withLock { ($0.fullest, $0.fullestAt) }
    if seconds - known.1 < PulseReader.keptSeconds { return known.0 }
    let name = status.aggregator.fullestName().map { SpelledName.raw($0) }
    kept.withLock { ($0.fullest, $0.fullestAt) = (name, seconds) }
    return name
  }

  private func totals(at seconds: Double) -> (fullest: Int, fullestForwarder: Int) {
    let known = kept.withLock { ($0.totals, $0.totalsAt) }
    if seconds - known.1 < PulseReader.keptSeconds { return known.0 }
    let read = status.owners.totals()
    let totals = (fullest: read.fullest, fullestForwarder: read.fullestForwarder)
    kept.withLock { ($0.totals, $0.totalsAt) = (totals, seconds) }
    return totals
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

import Glibc
import WeirBytes
import WeirInsight

/// What Weir knows of its last minutes: history and findings. It is read once a second, whether somebody asks or
/// not, so that an incident of a minute ago can be seen.
final class Insight: Sendable {
  private struct State {
    var history = PulseHistory()
    var tracker = FindingTracker()
    var clock: WallClock
  }

  private let state: Locked<State>
  private let reader: PulseReader
  private let wallSeconds: @Sendable () -> Double

  init(_ reader: PulseReader, wallSeconds: @escaping @Sendable () -> Double = Log.wallSeconds) {
    self.reader = reader
    self.wallSeconds = wallSeconds
    state = Locked(
      State(clock: WallClock(wallSeconds: wallSeconds(), uptimeSeconds: reader.uptimeSeconds)))
  }

  /// When Weir started, in milliseconds since 1970.
  var startedMilliseconds: Int { state.withLock { $0.clock.startMilliseconds } }

  /// Reads once a second until its task is cancelled.
  func run() async {
    while (try? await Task.sleep(for: .seconds(1))) != nil {
      update()
      await reader.adviser.work()
    }
  }

  /// Takes in what was counted until now.
  func update() {
    let pulse = reader.read()
    let wall = wallSeconds()
    state.withLock { state in
      // Two that read at the same time may come in the other order.
      guard pulse.uptimeSeconds > state.history.last.uptimeSeconds else { return }
      state.history.add(pulse)
      state.clock.update(wallSeconds: wall, uptimeSeconds: pulse.uptimeSeconds)
      state.tracker.update(state.history.window)
    }
  }

  /// History and findings as they are now.
  private func current() -> State {
    update()
    return state.withLock { $0 }
  }

  /// The answer of `/api/v1/status`, without names and senders.
  ///
  /// - Parameters:
  ///   - since: Milliseconds since 1970, or nil for all of the history.
  ///   - stepSeconds: 1 or 60.
  func status(since: Int?, stepSeconds: Int, scrapeLog: ScrapeLog) -> StatusAnswer {
    let scrapes = scrapeLog.reading
    let state = current()
    let (history, last) = (state.history, state.history.last)
    let startMilliseconds = state.clock.startMilliseconds
    var answer = StatusAnswer()
    answer.nowMilliseconds = startMilliseconds + Int(last.uptimeSeconds * 1_000)
    answer.version = Version.current
    answer.node = reader.status.cluster.map(\.name) ?? HostName.current
    answer.uptimeSeconds = last.uptimeSeconds
    answer.findings = state.tracker.findings
    answer.path = history.path
    if let scrape = scrapes.last, let endedAt = scrapes.lastAt {
      answer.path.scrapedSeries = Double(scrape.series)
      answer.path.scrapeIntervalSeconds = scrapes.intervalSeconds
      answer.scrape = StatusAnswer.Scrape(
        ageSeconds: scrapeLog.age(endedAt), durationSeconds: scrape.seconds,
        from: scrape.from, status: scrape.status)
    }
    answer.limits = last.limits.indices.map { index in
      let limit = last.limits[index]
      return StatusAnswer.Limit(
        limit: limit.limit, used: limit.used, max: limit.max, fullInSeconds: history.fullIn(index),
        name: limit.name)
    }
    (answer.history, answer.isFull) = history.history(
      stepSeconds: stepSeconds, since: since.flatMap(state.clock.sinceStart),
      startMilliseconds: startMilliseconds)
    return answer
  }

  /// Each limit with the seconds after which it is full.
  func limits() -> [(limit: Pulse.Limit, fullInSeconds: Double?)] {
    let history = current().history
    return history.last.limits.indices.map { (history.last.limits[$0], history.fullIn($0)) }
  }

  /// Each reason for which lines were refused, with how many in the last hour.
  func refusals() -> [(reason: Pulse.Refused, inHour: Double)] {
    let history = current().history
    return history.last.refusals.indices.map {
      (history.last.refusals[$0], history.refusedInHour($0))
    }.filter { $0.reason.count > 0 }
  }
}

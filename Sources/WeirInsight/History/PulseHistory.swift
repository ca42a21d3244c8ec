/// What Weir has counted lately: each second of five minutes, each minute of a day, and how limits and
/// refusals went in the last hour.
///
/// It always takes about 100 KB, so that an incident can be seen after it has happened.
package struct PulseHistory: Sendable {
  package static let secondsKept = 300
  package static let minutesKept = 1_440
  /// Minutes for which the use of limits and the counts of refusals are kept.
  package static let hourMinutes = 60
  /// Seconds after the start that say nothing about the pace of a limit, because all series are new.
  static let settlingSeconds = 120.0
  /// The shortest time from which a pace is computed.
  static let paceSecondsMin = 60.0
  /// The longest time that is foretold.
  static let forecastSecondsMax = 30.0 * 86_400

  /// What was counted at the end of a minute.
  private struct Mark: Sendable {
    var seconds: Double
    var refusals: [Double]
    var used: [Double?]
  }

  private var seconds = HistoryRing(stepSeconds: 1, capacity: secondsKept)
  private var minutes = HistoryRing(stepSeconds: 60, capacity: minutesKept)
  /// Oldest first.
  private var marks: [Mark] = []
  /// Taken each 10 s, oldest first: a minute of them. The first one is that of the start, with nothing counted.
  private var lately = [Pulse()]
  package private(set) var last = Pulse()

  package init() {}

  /// Takes in what was counted until now.
  ///
  /// - Complexity: O(columns + limits + reasons).
  package mutating func add(_ pulse: Pulse) {
    last = pulse
    seconds.add(pulse.counts, at: pulse.uptimeSeconds)
    minutes.add(pulse.counts, at: pulse.uptimeSeconds)
    if pulse.uptimeSeconds - (lately.last?.uptimeSeconds ?? -.infinity) >= 10 {
      lately.append(pulse)
      // The oldest one that is kept is a minute old, so that a window has at least that.
      while lately.count > 1, pulse.uptimeSeconds - lately[1].uptimeSeconds >= 60 {
        lately.removeFirst()
      }
    }
    if pulse.uptimeSeconds - (marks.last?.seconds ?? -.infinity) >= 60 {
      marks.append(
        Mark(
          seconds: pulse.uptimeSeconds, refusals: pulse.refusals.map(\.count),
          used: pulse.limits.map(\.used)))
      if marks.count > PulseHistory.hourMinutes + 1 { marks.removeFirst() }
    }
  }

  /// The window that findings are made from: about the last minute, less after the start.
  package var window: FindingWindow {
    FindingWindow(
      now: last, before: lately.first ?? Pulse(), limitsFullIn: last.limits.indices.map(fullIn))
  }

  /// After how many seconds a limit is reached at the pace of the last hour; nil if it does not fill within 30 days,
  /// because an hour says nothing about a longer time.
  ///
  /// - Parameter index: In `Pulse.limits`.
  package func fullIn(_ index: Int) -> Double? {
    let limit = last.limits[index]
    guard let used = limit.used, used < limit.max, !limit.comesAndGoes else { return nil }
    let settled = marks.first { $0.seconds >= PulseHistory.settlingSeconds }
    guard let settled, index < settled.used.count, let before = settled.used[index] else {
      return nil
    }
    let elapsed = last.uptimeSeconds - settled.seconds
    guard elapsed >= PulseHistory.paceSecondsMin, used > before else { return nil }
    let left = (limit.max - used) / ((used - before) / elapsed)
    return left <= PulseHistory.forecastSecondsMax ? left : nil
  }

  /// How many lines were refused in the last hour for the reason at an index of `Pulse.refusals`.
  package func refusedInHour(_ index: Int) -> Double {
    let before = marks.first?.refusals ?? []
    // Before the first full hour all of them are.
    let isFull = marks.count > PulseHistory.hourMinutes
    return last.refusals[index].count - (isFull && index < before.count ? before[index] : 0)
  }

  /// The means of the last 10 s.
  package var path: StatusAnswer.Path {
    var path = StatusAnswer.Path()
    let steps = 10
    path.datagrams = seconds.mean(steps, of: .datagrams)
    path.lines = seconds.mean(steps, of: .lines)
    path.samples = seconds.mean(steps, of: .samples)
    path.pushRecords = seconds.mean(steps, of: .pushRecords)
    path.dropped = seconds.mean(steps, of: .dropped)
    path.refused = seconds.mean(steps, of: .refused)
    path.limited = seconds.mean(steps, of: .limited)
    path.expired = seconds.mean(steps, of: .expired)
    path.series = last.counts.series
    path.droppedShare = share(path.dropped, of: path.dropped + path.datagrams)
    path.refusedShare = share(path.refused, of: path.lines)
    path.limitedShare = share(path.limited, of: path.lines)
    if let first = lately.first, last.uptimeSeconds > first.uptimeSeconds {
      path.bytes =
        (last.counts.bytes - first.counts.bytes) / (last.uptimeSeconds - first.uptimeSeconds)
    }
    return path
  }

  private func share(_ part: Double, of whole: Double) -> Double {
    whole > 0 ? min(1, part / whole) : 0
  }

  /// The history for an answer.
  ///
  /// - Parameters:
  ///   - stepSeconds: 1 or 60.
  ///   - since: Steps that ended after it are wanted, in milliseconds since the start of Weir; nil for all.
  ///   - startMilliseconds: The wall clock at the start.
  /// - Returns: Also whether it is all that is known.
  package func history(
    stepSeconds: Int, since: Int?, startMilliseconds: Int
  ) -> (history: StatusAnswer.History, isFull: Bool) {
    let ring = stepSeconds == 60 ? minutes : seconds
    let (end, step) = (Int(ring.endSeconds) * 1_000, stepSeconds * 1_000)
    var steps = ring.count
    var isFull = true
    // A time after now is of another run of Weir.
    if let since, since >= 0, since <= Int(last.uptimeSeconds * 1_000) {
      let wanted = max(0, (end - since + step - 1) / step)
      if wanted <= steps {
        steps = wanted
        isFull = false
      }
    }
    var history = StatusAnswer.History()
    history.stepSeconds = stepSeconds
    history.endMilliseconds = startMilliseconds + end
    for column in StatusAnswer.History.Column.allCases {
      history.columns[column] = ring.last(steps, of: column)
    }
    return (history, isFull)
  }
}

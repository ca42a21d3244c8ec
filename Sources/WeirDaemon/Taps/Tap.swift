import Glibc
import WeirBytes
import WeirJSON
import WeirMetrics
import WeirSockets

/// A reader of lines as they arrive: what it wants, and what waits to be sent to it.
final class Tap: Sendable {
  /// Bytes that wait to be sent. What comes while there is no room is counted.
  static let waitingBytesMax = 1 << 20
  /// Bytes of a line that are shown.
  static let lineBytesMax = 4_096

  private struct State {
    var waiting: [UInt8] = []
    /// Lines that matched and were not shown, and about which nobody was told yet.
    var notShown = 0
    var shown = 0
    /// Lines that may be shown now; it grows with time.
    var allowance = 1.0
    var allowedAt: ContinuousClock.Instant
    var end: String?
  }

  let filter: TapFilter
  private let rate: Double
  private let limit: Int
  private let state: Locked<State>

  init(_ filter: TapFilter, rate: Int, limit: Int) {
    self.filter = filter
    self.rate = Double(rate)
    self.limit = limit
    state = Locked(State(allowedAt: .now))
  }

  /// How many of the lines of a batch may be shown now. A tenth of a second may be saved up, so that lines are
  /// spread evenly.
  func allowed() -> Int {
    state.withLock { state in
      guard state.end == nil else { return 0 }
      let now = ContinuousClock.now
      let earned = (now - state.allowedAt) / .seconds(1) * rate
      state.allowedAt = now
      state.allowance = min(state.allowance + earned, max(1, rate / 10))
      return min(Int(state.allowance), limit - state.shown)
    }
  }

  struct Line: Sendable {
    let bytes: [UInt8]
    let isCut: Bool
    let sender: String
    /// Nil for an accepted line.
    let reason: StaticString?
  }

  /// Adds lines, and counts others that matched.
  func add(_ lines: [Line], notShown: Int, at time: timespec) {
    guard !lines.isEmpty || notShown > 0 else { return }
    state.withLock { state in
      guard state.end == nil else { return }
      state.notShown += notShown
      state.allowance -= Double(lines.count)
      for line in lines {
        guard state.shown < limit, state.waiting.count < Tap.waitingBytesMax else {
          state.notShown += 1
          continue
        }
        state.shown += 1
        state.waiting += Tap.object(line, at: time)
      }
      if state.shown >= limit { state.end = "limit" }
    }
  }

  /// Ends it, unless it has ended.
  func end(because reason: String) { state.withLock { $0.end = $0.end ?? reason } }

  /// What is to be sent now, and whether it is the last.
  func take() -> (bytes: [UInt8], isLast: Bool) {
    state.withLock { state in
      var bytes = state.waiting
      state.waiting = []
      if state.notShown > 0 {
        bytes += Tap.object { $0.field("not_shown", state.notShown) }
        state.notShown = 0
      }
      if let end = state.end { bytes += Tap.object { $0.field("end", end) } }
      return (bytes, state.end != nil)
    }
  }

  private static func object(_ line: Line, at time: timespec) -> [UInt8] {
    object { json in
      json.field("time_ms", time.tv_sec * 1_000 + time.tv_nsec / 1_000_000)
      json.field("sender", line.sender)
      if let reason = line.reason { json.field("reason", "\(reason)") }
      json.field("line", foreign: line.bytes)
      if line.isCut { json.field("cut", true) }
    }
  }

  private static func object(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
    var json = JSONWriter()
    json.object(body)
    return json.bytes + [UInt8(ascii: "\n")]
  }
}

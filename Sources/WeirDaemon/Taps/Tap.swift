import Glibc
import WeirBytes
import WeirJSON

/// A reader of lines as they arrive: what it wants, and what waits to be sent to it.
final class Tap: Sendable {
  /// Bytes that wait to be sent. What comes while there is no room is counted.
  static let waitingBytesMax = 1 << 20
  /// Bytes of a line that are shown.
  static let lineBytesMax = 4_096
  /// How long the lines are gathered from which some are chosen.
  static let windowSeconds = 0.1

  struct Line: Sendable {
    let time: timespec
    let bytes: [UInt8]
    let isCut: Bool
    let sender: String
    /// Nil for an accepted line.
    let reason: StaticString?
  }

  /// Lines of the last tenth of a second, or of a longer time where fewer than ten a second are shown. All lines of a
  /// window have the same chance to be chosen (reservoir sampling).
  struct Window {
    fileprivate let places: Int
    fileprivate var chosen: [(number: Int, line: Line)] = []
    fileprivate var seen = 0
    fileprivate var notShown = 0

    fileprivate init(places: Int) { self.places = places }

    /// Considers a line that matches; `line` makes it if it is chosen.
    mutating func consider(_ line: () -> Line) {
      seen += 1
      if chosen.count < places {
        chosen.append((seen, line()))
      } else {
        notShown += 1
        let place = Int.random(in: 0..<seen)
        if place < places { chosen[place] = (seen, line()) }
      }
    }

    /// Counts lines that match and are not known any more.
    mutating func addUnknown(_ count: Int) { notShown += count }
  }

  private struct State {
    var waiting: [UInt8] = []
    /// Lines that matched and were not shown, and about which nobody was told yet.
    var notShown = 0
    var shown = 0
    var window: Window
    var windowEnd: Double
    var end: String?
  }

  let filter: TapFilter
  private let limit: Int
  private let windowSeconds: Double
  private let places: Int
  private let seconds: @Sendable () -> Double
  private let state: Locked<State>

  /// - Parameters:
  ///   - rate: Lines a second at most.
  ///   - limit: After so many lines it ends.
  ///   - seconds: A clock that never goes back.
  init(
    _ filter: TapFilter, rate: Int, limit: Int,
    seconds: @escaping @Sendable () -> Double = Traffic.clock()
  ) {
    self.filter = filter
    self.limit = limit
    self.seconds = seconds
    windowSeconds = max(Tap.windowSeconds, 1 / Double(rate))
    places = max(1, Int(Double(rate) * windowSeconds))
    state = Locked(
      State(window: Window(places: places), windowEnd: seconds() + windowSeconds))
  }

  /// Considers the lines of a batch. Other receivers wait meanwhile.
  func consider(_ body: (inout Window) -> Void) {
    let now = seconds()
    state.withLock { state in
      guard state.end == nil else { return }
      close(&state, at: now)
      body(&state.window)
    }
  }

  /// Ends it, unless it has ended.
  func end(because reason: String) {
    state.withLock { state in
      close(&state, at: .infinity)
      state.end = state.end ?? reason
    }
  }

  /// What is to be sent now, and whether it is the last.
  func take() -> (bytes: [UInt8], isLast: Bool) {
    let now = seconds()
    return state.withLock { state in
      if state.end == nil { close(&state, at: now) }
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

  /// Moves what was chosen to what waits, if the window is over.
  private func close(_ state: inout State, at now: Double) {
    guard now >= state.windowEnd else { return }
    let window = state.window
    state.window = Window(places: places)
    state.windowEnd = now + windowSeconds
    state.notShown += window.notShown
    for (_, line) in window.chosen.sorted(by: { $0.number < $1.number }) {
      guard state.shown < limit, state.waiting.count < Tap.waitingBytesMax else {
        state.notShown += 1
        continue
      }
      state.shown += 1
      state.waiting += Tap.object(line)
    }
    if state.shown >= limit { state.end = state.end ?? "limit" }
  }

  private static func object(_ line: Line) -> [UInt8] {
    object { json in
      json.field("time_ms", line.time.inMilliseconds)
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

import Dispatch
import Glibc
import WeirBytes
import WeirConfiguration
import WeirInsight
import WeirTerminal

/// The screen of `weir top`: draws frames, reads keys, and asks in the background.
final class TopScreen {
  /// How long the rest of a key's sequence may take.
  private static let sequenceMilliseconds = 50
  /// The longest time without a redraw, because the screen shows how long ago things were.
  private static let redrawMilliseconds = 1_000

  /// What a question in the background has brought.
  private enum Result: Sendable {
    case answer(StatusAnswer)
    case failure(String)
  }

  /// Asks on a queue of its own, because an answer may take seconds. An actor would need a thread of Swift's pool to
  /// start, which has one thread on a machine with one core, and `run` waits there.
  private final class Asker: Sendable {
    /// Locked for as long as an answer takes. Only jobs of the queue lock it.
    private let question: Locked<StatusQuestion>
    private let queue = DispatchQueue(label: "weir.top")
    private let result = Locked<Result?>(nil)
    private let signals: SignalWatch

    init(_ question: sending StatusQuestion, _ signals: SignalWatch) {
      self.question = Locked(question)
      self.signals = signals
    }

    /// - Parameter isWhole: Whether all of the history is asked for.
    func ask(isWhole: Bool) {
      queue.async { [self] in
        let new = question.withLock { question in
          if isWhole { question.forget() }
          do throws(CommandFailure) {
            return Result.answer(try question.ask())
          } catch {
            return .failure(error.description)
          }
        }
        result.withLock { $0 = new }
        signals.wake()
      }
    }

    func take() -> Result? {
      result.withLock { result in
        defer { result = nil }
        return result
      }
    }
  }

  private let terminal: RawTerminal
  private let signals: SignalWatch
  private let asker: Asker
  private let interval: Duration
  private var frame: TopFrame
  private var view: TopFrame.View
  private var keys = KeyReader()
  private var isAsking = false
  private var nextQuestion: ContinuousClock.Instant
  private var lastAnswer = (instant: ContinuousClock.now, time: Log.wallClock())
  private var fault: String?
  private var isPaused = false
  private var showsHelp = false
  private let url: String

  init(
    _ question: sending StatusQuestion, _ first: StatusAnswer, _ top: Options.Top,
    _ signals: SignalWatch, _ output: CommandOutput
  ) throws {
    self.signals = signals
    url = question.url
    asker = Asker(question, signals)
    interval = .milliseconds(top.intervalMilliseconds)
    nextQuestion = .now + interval
    view = TopFrame.View(rawValue: top.view.rawValue) ?? .names
    let style = Style(isTerminal: true, variable: EnvironmentVariable.value)
    frame = TopFrame(
      first, history: KeptHistory(first), columns: TopFrame.columnsByDefault, style: style)
    terminal = try RawTerminal(output)
  }

  /// Returns when the user quits, after the terminal is as it was.
  func run() async throws {
    defer { terminal.restore() }
    while true {
      take()
      askIfDue()
      try draw()
      let wait =
        keys.isWaiting ? TopScreen.sequenceMilliseconds : untilNextQuestion
      let hasKey = terminal.wait(signals, milliseconds: wait)
      let numbers = signals.take()
      for signal in numbers where try !handle(signal: signal) { return }
      // A shell may have had the terminal and read the key, and then a read would wait for another one.
      if !numbers.isEmpty { continue }
      var pressed: [Key] = []
      if hasKey {
        let bytes = terminal.read()
        // The terminal is gone.
        if bytes.isEmpty { return }
        pressed = keys.read(bytes)
      } else if keys.isWaiting {
        pressed = keys.flush()
      }
      for key in pressed where try !handle(key) { return }
    }
  }

  private var untilNextQuestion: Int {
    let left = isAsking || isPaused ? .seconds(1) : nextQuestion - .now
    return min(TopScreen.redrawMilliseconds, max(0, Int(left / .milliseconds(1)) + 1))
  }

  private func take() {
    guard let result = asker.take() else { return }
    isAsking = false
    nextQuestion = .now + interval
    switch result {
    case .answer(let answer):
      fault = nil
      lastAnswer = (.now, Log.wallClock())
      if isPaused { break }
      frame.history.take(answer)
      frame.answer = answer
    case .failure(let sentence): fault = sentence
    }
  }

  private func askIfDue() {
    guard !isAsking, !isPaused, nextQuestion <= .now else { return }
    isAsking = true
    // After an outage it may be another Weir.
    asker.ask(isWhole: fault != nil)
  }

  private func draw() throws {
    guard terminal.isRaw else { return }
    let size = terminal.size
    var next = TopFrame(
      frame.answer, history: frame.history, columns: size.columns, style: frame.style)
    next.view = view
    next.url = url
    next.isPaused = isPaused
    next.showsHelp = showsHelp
    if let fault {
      // `2026-01-02T03:04:05.678Z`
      let time = RFC3339.text(lastAnswer.time).dropFirst(11).prefix(8)
      next.silence = TopFrame.Silence(
        since: "\(time) UTC", seconds: ((.now - lastAnswer.instant) / .seconds(1)).rounded(),
        reason: fault)
    }
    try terminal.draw(next.lines(rows: size.rows))
  }

  /// - Returns: Whether to go on.
  private func handle(signal number: Int32) throws -> Bool {
    switch number {
    case SIGWINCH:
      if terminal.isRaw { try terminal.clear() }
      return true
    case SIGTSTP:
      terminal.restore()
      RawTerminal.stopProcess(SIGTSTP)
      return try resume()
    case SIGCONT: return try resume()
    default: return false
    }
  }

  /// Takes the terminal again after the process was continued. In the background (`bg`) it stops again, as it can do
  /// nothing there.
  ///
  /// - Returns: Whether to go on.
  private func resume() throws -> Bool {
    while !terminal.isForeground {
      RawTerminal.stopProcess(SIGSTOP)
      let ending = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]
      if signals.take().contains(where: ending.contains) { return false }
    }
    try terminal.resume()
    // The answer is as old as the stop was long.
    nextQuestion = .now
    return true
  }

  /// - Returns: Whether to go on.
  private func handle(_ key: Key) throws -> Bool {
    switch key {
    case .character("q"), .character("Q"), .interrupt: return false
    case .character("1"): view = .names
    case .character("2"): view = .senders
    case .character("3"): view = .limits
    case .character("p"), .character(" "):
      isPaused.toggle()
      nextQuestion = .now
    case .character("?"), .character("h"): showsHelp.toggle()
    case .escape: showsHelp = false
    case .redraw: try terminal.clear()
    case .suspend:
      // The whole job, as Ctrl-Z does it: a script that has started this command has to stop, too. The signal comes
      // back to `handle(signal:)`.
      terminal.restore()
      kill(0, SIGTSTP)
    default: break
    }
    return true
  }
}

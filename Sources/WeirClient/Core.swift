import WeirMetrics
import WeirWire

/// A client without its handle: what its series and its thread refer to.
final class Core: Sendable {
  /// Flushes from one look at the process to the next. Counting descriptors takes time.
  private static let flushesPerProcessReading = 5

  private struct State: ~Copyable {
    var registry: Registry
    var run: Run
  }

  let settings: Settings
  let tally = Tally()
  let environment: Environment
  /// For those who ask for a series that there is no room for.
  let surplus = (
    counter: CounterCell(stripes: 1), gauge: GaugeCell(merge: .last),
    histogram: HistogramCell(stripes: 2)
  )
  private let state: ForkGuarded<State>
  private let working = WorkingTime()

  init(settings: Settings, environment: Environment) {
    self.settings = settings
    self.environment = environment
    state = ForkGuarded(
      State(
        registry: Registry(seriesMax: settings.seriesMax),
        run: Core.newRun(settings, environment)))
  }

  private static func newRun(_ settings: Settings, _ environment: Environment) -> Run {
    Run(
      instance: Instance(drawnFrom: environment),
      process: settings.collectsProcessMetrics ? ProcessSeries() : nil)
  }

  var run: Run { state.withLock { $0.run } }

  func withRegistry<Result: Sendable>(_ body: (inout Registry) -> Result) -> Result {
    state.withLock { body(&$0.registry) }
  }

  /// Begins to flush.
  func start() {
    LiveClients.shared.insert(self)
    startThread(run)
  }

  func requestClose(within nanoseconds: UInt64) {
    run.requestClose(by: environment.clock.nanoseconds() + nanoseconds)
  }

  /// Whether all was answered. Nothing is waited for in a child that was not begun anew.
  func waitUntilClosed(within nanoseconds: UInt64) -> Bool {
    let run = run
    return run.isOfThisProcess && run.waitUntilClosed(nanoseconds: nanoseconds)
  }

  private func startThread(_ run: Run) {
    let began = FlushThread.start { [self] in
      working.begin()
      flushUntilClosed(run)
      working.end()
      LiveClients.shared.remove(self)
    }
    if !began { run.finish(answered: false) }
  }
}

// The thread.
extension Core {
  private func flushUntilClosed(_ run: Run) {
    let transport = environment.transport(settings, environment.clock, working)
    var flusher = Flusher(instance: run.instance, settings: settings)
    // Those that come first are not of the application's making, and always there.
    let own = tally.entries + (run.process?.entries(instance: settings.instanceName()) ?? [])
    flusher.learn(own, [])
    var flushes = 0
    while true {
      let pause = jitteredInterval()
      let deadline = working.resting { run.pause(nanoseconds: pause) }
      if flushes % Core.flushesPerProcessReading == 0 || deadline != nil { readProcess(run) }
      flushes += 1
      learnNew(&flusher, own: own.count)
      let now = environment.clock.nanoseconds()
      if let deadline {
        var last = LastFrames(flusher.lastFrames(at: now))
        let answered = last.deliver(
          over: transport, until: deadline, clock: environment.clock, sent: count)
        return run.finish(answered: answered)
      }
      flusher.flush(at: now, nextNanoseconds: settings.flushNanoseconds * 2) { frame in
        count(sent: transport.send(frame))
      }
    }
  }

  private func learnNew(_ flusher: inout Flusher, own: Int) {
    let known = (series: flusher.seriesCount - own, texts: flusher.textCount)
    let more = withRegistry { registry in
      (Array(registry.entries[known.series...]), Array(registry.texts[known.texts...]))
    }
    flusher.learn(more.0, more.1)
  }

  /// A tenth sooner or later, so that many that start together don't send together for ever.
  private func jitteredInterval() -> UInt64 {
    let tenth = settings.flushNanoseconds / 10
    return settings.flushNanoseconds - tenth + environment.random() % (2 * tenth + 1)
  }

  private func readProcess(_ run: Run) {
    guard let series = run.process, let usage = ProcessUsage.read() else { return }
    series.update(
      usage, wallSeconds: Double(environment.clock.wallMilliseconds()) / 1_000,
      bootSeconds: Double(environment.clock.nanoseconds()) / 1e9)
  }

  private func count(sent: Bool) {
    (sent ? tally.framesSent : tally.framesFailed).add(1)
  }
}

// A fork: the child has all series, but no thread that sends them.
extension Core {
  func atFork(_ step: LiveClients.ForkStep) {
    switch step {
    case .before:
      // In the order in which the thread takes them.
      working.begin()
      state.lock()
    case .after:
      state.unlock()
      working.end()
    }
  }

  /// Makes another instance of the client where this process was forked from the one that it began in.
  func restartAfterFork() {
    let run = state.withLock { state -> Run? in
      guard !state.run.isOfThisProcess, !state.run.isClosing else { return nil }
      state.registry.reset()
      tally.reset()
      state.run = Core.newRun(settings, environment)
      return state.run
    }
    // The parent's socket stays open until the child ends; nothing goes through it.
    guard let run else { return }
    LiveClients.shared.insert(self)
    startThread(run)
  }
}

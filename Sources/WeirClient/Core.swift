import WeirMetrics
import WeirPush

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
    counter: CounterCell(stripes: 1, isSurplus: true),
    gauge: GaugeCell(merge: .last, isSurplus: true),
    histogram: HistogramCell(stripes: 2, isSurplus: true)
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

  /// What a series records into; nil, and counted, where there is no room for it.
  func cell(of request: SeriesRequest) throws(DefinitionError) -> SeriesCell? {
    let now = environment.clock.nanoseconds()
    let found = try withRegistry { registry in
      Result { () throws(DefinitionError) in
        try registry.cell(of: request, madeNanoseconds: now)
      }
    }.get()
    if found == nil { tally.seriesOverflow.add(1) }
    return found
  }

  func remove(_ cell: SeriesCell) { withRegistry { $0.remove(cell) } }

  /// Begins to flush.
  func start() {
    LiveClients.shared.insert(self)
    startThread(run)
  }

  func requestClose(within nanoseconds: UInt64) {
    run.requestClose(by: environment.clock.nanoseconds() &+ nanoseconds)
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
      LiveClients.shared.remove(self, told: run.process?.told)
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
    let own = tally.entries + (run.process?.entries(settings) ?? [])
    flusher.learn(own, [])
    var flushes = 0
    while true {
      let pause = jitteredInterval()
      let wake = working.resting { run.pause(nanoseconds: pause) }
      if case .closing = wake { withRegistry { $0.close() } }
      if flushes % Core.flushesPerProcessReading == 0 || wake.isClosing { readProcess(run) }
      flushes += 1
      readFunctions()
      learnNew(&flusher, own: own.count)
      let now = environment.clock.moment()
      if case .closing(let deadline) = wake {
        var last = LastFrames(flusher.lastFrames(at: now))
        let answered = last.deliver(
          over: transport, until: deadline, clock: environment.clock, sent: count)
        return run.finish(answered: answered)
      }
      flusher.flush(at: now, nextNanoseconds: settings.flushNanoseconds * 2) { frame in
        count(sent: transport.send(frame))
      }
      run.finishPass()
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
    guard let series = run.process,
      // A fork takes that lock before it waits for this thread to rest.
      let before = working.resting({ LiveClients.shared.cpuTold(before: self) }),
      let usage = ProcessUsage.read()
    else { return }
    series.update(usage, cpuToldBefore: before, at: environment.clock.moment())
  }

  /// Sets the gauges that have a function. The functions are the application's: they may fork, or take
  /// a lock that another thread holds while it forks, so that no fork waits for them.
  private func readFunctions() {
    let functions = withRegistry { registry in Array(registry.functions.values) }
    guard !functions.isEmpty else { return }
    let values = working.resting { functions.map { $0.read() } }
    for (function, value) in zip(functions, values) {
      if value.isFinite {
        function.cell.follow(value)
      } else {
        tally.valuesDropped.add(1)
      }
    }
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

import WeirMetrics
import WeirPush

/// The shared state of a client, to which its series and its thread refer.
///
/// ```
/// application threads                          flush thread
///
/// Counter, Gauge, Histogram ─▶ cells ◀────── Flusher ─▶ frames ─▶ FrameTransport ─▶ Weir
/// Client.counter(…) ─▶ Registry ─▶ new entries ──▲
/// Client.flush(), close() ─▶ Run ─ wakes ────────┘
/// ```
final class Core: Sendable {
  /// The process is read once in this many flushes, because counting descriptors takes time.
  private static let flushesPerProcessReading = 5

  private struct State: ~Copyable {
    var registry: Registry
    var run: Run
  }

  let settings: Settings
  let tally = Tally()
  let environment: Environment
  /// The cells of all series that exceed the limit.
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

  /// The cell of a series; nil if it exceeds the limit, which is counted.
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

  /// Starts the flush thread.
  func start() {
    LiveClients.shared.insert(self)
    startThread(run)
  }

  func requestClose(within nanoseconds: UInt64) {
    run.requestClose(by: environment.clock.nanoseconds() &+ nanoseconds)
  }

  /// Waits until the client is closed; returns whether all frames were answered. Returns
  /// immediately in a forked child process in which the client was not restarted.
  func waitUntilClosed(within nanoseconds: UInt64) -> Bool {
    let run = run
    return run.isOfThisProcess && run.waitUntilClosed(timeoutNanoseconds: nanoseconds)
  }

  private func startThread(_ run: Run) {
    let began = FlushThread.start { [self] in
      working.begin()
      flushUntilClosed(run)
      working.end()
      LiveClients.shared.remove(self, cpuReported: run.process?.cpuReported)
    }
    if !began { run.finish(answered: false) }
  }
}

// The flush thread.
extension Core {
  private func flushUntilClosed(_ run: Run) {
    let transport = environment.transport(settings, environment.clock, working)
    var flusher = Flusher(instance: run.instance, settings: settings)
    // The client's own series come first; the application cannot remove them.
    let own = tally.entries + (run.process?.entries(settings) ?? [])
    flusher.add(own, texts: [])
    var flushes = 0
    while true {
      let pause = jitteredInterval()
      let wake = working.resting { run.pause(nanoseconds: pause) }
      if case .closing = wake { withRegistry { $0.close() } }
      if flushes % Core.flushesPerProcessReading == 0 || wake.isClosing { readProcess(run) }
      flushes += 1
      readFunctions()
      addNewSeries(to: &flusher, ownCount: own.count)
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
      run.flushFinished()
    }
  }

  /// Adds the series that were created since the last call.
  private func addNewSeries(to flusher: inout Flusher, ownCount: Int) {
    let known = (series: flusher.seriesCount - ownCount, texts: flusher.textCount)
    let new = withRegistry { registry in
      (Array(registry.entries[known.series...]), Array(registry.texts[known.texts...]))
    }
    flusher.add(new.0, texts: new.1)
  }

  /// The flush interval, varied randomly by up to a tenth, so that processes that start at the same
  /// time do not keep sending at the same time.
  private func jitteredInterval() -> UInt64 {
    let tenth = settings.flushNanoseconds / 10
    return settings.flushNanoseconds - tenth + environment.random() % (2 * tenth + 1)
  }

  private func readProcess(_ run: Run) {
    guard let series = run.process,
      // Resting, because a fork takes this lock before it waits for the thread to rest.
      let before = working.resting({ LiveClients.shared.cpuReported(before: self) }),
      let usage = ProcessUsage.read()
    else { return }
    series.update(usage, cpuReportedBefore: before, at: environment.clock.moment())
  }

  /// Updates the gauges that have a function. The application's functions may fork, or take a lock
  /// that another thread holds while it forks. They therefore run while the thread counts as
  /// resting, so that no fork waits for them.
  private func readFunctions() {
    let functions = withRegistry { registry in Array(registry.functions.values) }
    guard !functions.isEmpty else { return }
    let values = working.resting { functions.map { $0.read() } }
    for (function, value) in zip(functions, values) {
      if value.isFinite {
        function.cell.update(value)
      } else {
        tally.valuesDropped.add(1)
      }
    }
  }

  private func count(sent: Bool) {
    (sent ? tally.framesSent : tally.framesFailed).add(1)
  }
}

// A fork: the child process has all series, but no flush thread.
extension Core {
  func atFork(_ step: LiveClients.ForkStep) {
    switch step {
    case .before:
      // In the same order as the thread takes them.
      working.begin()
      state.lock()
    case .after:
      state.unlock()
      working.end()
    }
  }

  /// Starts a new instance if this process was forked after the last one was started.
  func restartAfterFork() {
    let run = state.withLock { state -> Run? in
      guard !state.run.isOfThisProcess, !state.run.isClosing else { return nil }
      state.registry.reset()
      tally.reset()
      state.run = Core.newRun(settings, environment)
      return state.run
    }
    // The parent's socket stays open in the child process, but is not used.
    guard let run else { return }
    LiveClients.shared.insert(self)
    startThread(run)
  }
}

import Dispatch
import Synchronization
import WeirBytes

/// Commits the state: when `KeeperState` says so, by a worker that may hang, with a remover beside it.
final class StateKeeper: Sendable {
  typealias Waiter = KeeperState<StateWaiting>.Waiter
  typealias Action = KeeperState<StateWaiting>.Action

  /// What is known of a keeper from outside.
  struct Reading: Sendable {
    var isProtected = true
    var totals = StateTotals()
    var answersWaiting = 0
    /// When the last commit ended, in seconds since 1970.
    var lastCommitAt = 0.0
    /// What was restored when Weir started.
    var start = StateStart()
  }

  private struct State: Sendable {
    var keeper: KeeperState<StateWaiting>
    /// The earliest time at which a tick is scheduled.
    var tickAt: ContinuousClock.Instant?
    var lastCommitAt = 0.0
    var start = StateStart()
  }

  private let state: Locked<State>
  private let worker: StateWorker
  private let remove: @Sendable () throws -> Void
  private let log: Log
  private let wallSeconds: @Sendable () -> Double
  private let lastID = Atomic<UInt64>(0)
  private let time: KeeperTime
  /// Apart from the worker, because it is needed when that hangs.
  private let remover = DispatchQueue(label: "weir.state.remover", qos: .userInitiated)

  /// Nothing is written, and nobody may wait, until `begin`.
  ///
  /// - Parameters:
  ///   - remove: Removes first the temporary file, then the state file, and returns when that is on disk. It
  ///     is called beside the worker.
  ///   - serves: Whether scrapes are served while an old file can't be removed.
  ///   - time: The clock for which deadlines are, and its timer.
  init(
    _ worker: StateWorker, limits: StateLimits = StateLimits(), serves: Bool = false, log: Log,
    wallSeconds: @escaping @Sendable () -> Double = { Log.wallSeconds() },
    time: KeeperTime = .system(), remove: @escaping @Sendable () throws -> Void
  ) {
    self.worker = worker
    self.remove = remove
    self.log = log
    self.wallSeconds = wallSeconds
    self.time = time
    state = Locked(
      State(keeper: KeeperState(limits: limits, serves: serves, baseBytes: 0, at: time.now())))
  }

  /// Writes a first base, which may take long, and keeps it up to date from now on.
  ///
  /// - Parameter start: What was restored.
  /// - Throws: What the disk says.
  func begin(_ start: StateStart = StateStart()) throws {
    let bytes = try worker.writeFirst()
    let (now, wall) = (time.now(), wallSeconds())
    state.withLock { state in
      precondition(state.keeper.waiting.isEmpty, "nobody waits before the first base")
      state.keeper = KeeperState(
        limits: state.keeper.limits, serves: state.keeper.serves, baseBytes: bytes, at: now)
      state.lastCommitAt = wall
      state.start = start
    }
    perform { $0.tick(at: $1) }
  }

  /// Returns when all that was counted before the call is on disk, or can't be.
  ///
  /// - Parameters:
  ///   - isPatient: Whether it may wait for the pace of commits.
  ///   - deadline: When whoever asks will wait no longer.
  func commit(
    isPatient: Bool = false, until deadline: ContinuousClock.Instant? = nil
  ) async -> StateVerdict {
    await withCheckedContinuation { continuation in
      let id = nextID()
      perform {
        $0.join(Waiter(id: id, isPatient: isPatient, payload: .task(continuation)), at: $1)
      }
      if let deadline { leave(id, at: deadline) }
    }
  }

  /// Sends an answer when all that was counted before the call is on disk, and never otherwise.
  func commit(thenSend reply: PushReply) {
    let id = nextID()
    perform { $0.join(Waiter(id: id, isPatient: true, payload: .answer(reply)), at: $1) }
  }

  /// Commits for the last time. It does not wait longer than `StateLimits.stopMax`.
  func stop() async -> StateVerdict {
    let verdict = await withCheckedContinuation { continuation in
      let id = nextID()
      perform { $0.stop(Waiter(id: id, isPatient: false, payload: .task(continuation)), at: $1) }
      leave(id, at: time.now() + state.withLock { $0.keeper.limits.stopMax })
    }
    worker.close()
    return verdict
  }

  func reading() -> Reading {
    state.withLock {
      Reading(
        isProtected: $0.keeper.phase == .protected, totals: $0.keeper.totals,
        answersWaiting: $0.keeper.patientCount, lastCommitAt: $0.lastCommitAt,
        start: $0.start)
    }
  }

  private func nextID() -> UInt64 { lastID.add(1, ordering: .relaxed).newValue }

  private func leave(_ id: UInt64, at deadline: ContinuousClock.Instant) {
    time.call(deadline) { [weak self] in self?.perform { $0.leave(id, at: $1) } }
  }

  /// Tells the state of an event, and does what follows.
  private func perform(
    _ event: (inout KeeperState<StateWaiting>, ContinuousClock.Instant) -> [Action]
  ) {
    let now = time.now()
    let (actions, wakeAt) = state.withLock { state in
      let commits = state.keeper.totals.commitCount
      let actions = event(&state.keeper, now)
      if state.keeper.totals.commitCount != commits { state.lastCommitAt = wallSeconds() }
      worker.generation.set(state.keeper.generation)
      var wakeAt = state.keeper.wakeAt
      // One tick that comes too early does no harm, but each event would schedule another.
      if let tickAt = state.tickAt, tickAt > now, let next = wakeAt, tickAt <= next { wakeAt = nil }
      if let wakeAt { state.tickAt = wakeAt }
      return (actions, wakeAt)
    }
    for action in actions { take(action) }
    if let wakeAt {
      time.call(wakeAt) { [weak self] in self?.perform { $0.tick(at: $1) } }
    }
  }

  private func take(_ action: Action) {
    switch action {
    case .begin(let job, let generation):
      worker.begin(job, generation: generation) { [weak self] end in
        self?.perform { $0.jobEnded(job, generation: generation, end, at: $1) }
      }
    case .remove:
      remover.async { [weak self] in
        guard let self else { return }
        var failure: String?
        do { try remove() } catch { failure = "\(error)" }
        perform { $0.removalEnded(failure, at: $1) }
      }
    case .answer(let waiters, let verdict):
      for waiter in waiters {
        switch waiter.payload {
        case .task(let continuation): continuation.resume(returning: verdict)
        case .answer(let reply): if verdict.isAnswered { reply.send() }
        }
      }
    case .report(let report): report.write(to: log)
    }
  }
}

extension StateVerdict {
  /// Whether a frame is confirmed. Where nothing is saved at all, it is confirmed as without a state.
  var isAnswered: Bool {
    switch self {
    case .committed, .unprotected: true
    case .stale, .refused: false
    }
  }
}

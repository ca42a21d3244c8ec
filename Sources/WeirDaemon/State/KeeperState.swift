/// When the state is committed, who waits for it, and what happens when the disk fails. It does nothing
/// itself: each event returns the actions that follow, and time is an argument.
///
///                    commit failed                      file removed
///      protected ───── or was late ─────▶ failing ─────────────────────▶ unprotected
///       ▲    ▲                           ▲   │                            │      ▲
///       │    │                           │   │ not removed, or not in time│      │ removed
///       │    │    could not be published │   ▼                            │      │ after all
///       │    │   ┌───────────────────────┴── refused ───────────────────────────┘
///       │    └───┤ new file published                                     │
///       └────────┴────────────────────────────────────────────────────────┘
///
/// | phase | a restart finds | scrapes |
/// | --- | --- | --- |
/// | protected | all that was shown | wait for a commit |
/// | failing | perhaps less | wait for the end of the removal |
/// | unprotected | nothing | are served |
/// | refused | less than was shown | get 503, or are served with `--state.on-error=serve` |
///
/// **A worker that hangs.** One worker writes, one remover removes. When a commit is late, its generation
/// ends: the worker does not publish after that, what it still reports is discarded, and it gets no job until
/// it has returned. It may hang within a rename, which then happens after the removal. The remover therefore
/// unlinks the temporary file first. If the rename has not happened, it then fails. If it has, the published
/// file is unlinked next. If it is happening, the directory is locked, and the removal is late. When the worker returns,
/// the removal is done once more before anything is written, because a write that was in progress may have
/// ended after it. The removal and a new file never overlap.
///
/// **A new file after a failure** is written in two jobs. `rebuild` writes everything, which may take long;
/// scrapes are served meanwhile. `republish` adds what has changed since, and publishes. From its beginning
/// scrapes wait, so that the file never appears with less than was shown.
///
/// **A new base while the file is fine** is built in slices. Between two commits at most one slice is written
/// if anyone waits. After the last slice and one more commit it is complete, and is published.
struct KeeperState<Payload: Sendable>: Sendable {
  typealias Instant = ContinuousClock.Instant

  enum Phase: Sendable { case protected, failing, unprotected, refused }

  /// What the worker does.
  enum Job: Sendable, Equatable {
    /// Write what has changed to the file, and to the new base if there is one.
    case commit
    /// Write a slice of a new base.
    case slice(isFirst: Bool)
    /// Put the complete new base in place of the file.
    case publish
    /// Write everything into a temporary file.
    case rebuild
    /// Add what has changed to the temporary file, and publish it.
    case republish
  }

  /// How a job ended.
  enum JobEnd: Sendable {
    case done(JobFigures)
    case failed(String)
  }

  struct Waiter: Sendable {
    let id: UInt64
    /// Whether it may wait for the pace of commits: an answer to a frame.
    let isPatient: Bool
    let payload: Payload
  }

  enum Action: Sendable {
    case begin(Job, generation: UInt64)
    case remove
    case answer([Waiter], StateVerdict)
    case report(KeeperReport)
  }

  enum NewBase: Sendable {
    case none
    case slicing(isFirst: Bool)
    case sliced, ready
  }

  struct RunningJob: Sendable {
    let job: Job
    let generation: UInt64
    let begun: Instant
    /// When it is late; nil if nobody waits for this job.
    let due: Instant?
  }

  let limits: StateLimits
  let serves: Bool

  var phase = Phase.protected
  /// The last phase that was reported, which is never `failing`.
  var reported = Phase.protected
  var generation: UInt64 = 1
  /// What the worker does, or did when it was given up.
  var running: RunningJob?
  var isRemoving = false
  /// When the removal in progress is late.
  var removalDue: Instant?
  /// When the next removal begins; nil for none.
  var removalAt: Instant?
  var refusal = ""
  var cause = ""

  var waiting: [Waiter] = []
  /// How many of those that wait are patient.
  var patientCount = 0
  /// Those that the running commit serves.
  var serving: [Waiter] = []
  /// When those that wait must have been served, unless a commit is running.
  var due: Instant?

  var commitBegun: Instant
  /// While only patient ones wait, no commit begins before this.
  var paceAt: Instant

  var newBase = NewBase.none
  var baseBytes = 0
  /// When a new base may be begun.
  var baseAt: Instant
  /// Whether a slice was written since the last commit.
  var wroteSlice = false

  var retryAt: Instant
  var backoff: Duration
  var isRebuilt = false
  var isStopping = false
  /// Who waits for the last commit.
  var stopID: UInt64?
  /// Whether the last commit has been answered. Nothing is written after it.
  var isOver = false

  var totals = StateTotals()

  /// The state after a first base was published.
  init(limits: StateLimits, serves: Bool, baseBytes: Int, at now: Instant) {
    self.limits = limits
    self.serves = serves
    self.baseBytes = baseBytes
    totals.fileBytes = baseBytes
    commitBegun = now
    paceAt = now
    baseAt = now
    retryAt = now
    backoff = limits.retryMin
  }

  var isCommitting: Bool { running?.job == .commit && !isLost }

  /// Whether the worker has been given up.
  var isLost: Bool { running.map { $0.generation != generation } ?? false }

  /// What those get that wait in this phase.
  var verdict: StateVerdict {
    switch phase {
    case .protected, .failing: .committed
    case .unprotected: .unprotected
    case .refused: serves ? .stale(refusal) : .refused(refusal)
    }
  }
}

/// What a job wrote.
struct JobFigures: Sendable, Equatable {
  /// Bytes that this job has written.
  var written = 0
  /// Bytes of the state file.
  var fileBytes = 0
  /// Whether the slice was the last one.
  var isLastSlice = false
  /// Why the new base was abandoned during the job; nil if it was not.
  var abandoned: String?
}

import Testing

@testable import WeirDaemon

/// Leads a `KeeperState` through events at given times, and notes the actions as text.
struct KeeperScript {
  typealias Keeper = KeeperState<Int>

  private static let zero = ContinuousClock.now
  private(set) var keeper: Keeper
  private(set) var now = KeeperScript.zero
  private var job: (Keeper.Job, generation: UInt64)?
  /// Jobs of generations that are over and have not returned.
  private var lost: [(Keeper.Job, generation: UInt64)] = []
  private var lastID: UInt64 = 0
  private var notes: [String] = []

  init(serves: Bool = false, limits: StateLimits = StateLimits(), baseBytes: Int = 0) {
    keeper = Keeper(limits: limits, serves: serves, baseBytes: baseBytes, at: now)
  }

  /// What was done since the last call.
  mutating func taken() -> [String] {
    defer { notes = [] }
    return notes
  }

  /// Lets time pass, with a tick whenever the keeper wants one.
  mutating func pass(_ duration: Duration) {
    let end = now + duration
    while let wake = keeper.wakeAt, wake <= end {
      now = max(now, wake)
      note(keeper.tick(at: now))
      if let next = keeper.wakeAt, next <= now {
        Issue.record("the keeper wants a tick again at once")
        break
      }
    }
    now = end
  }

  @discardableResult
  mutating func join(_ name: Int, isPatient: Bool = false) -> UInt64 {
    lastID += 1
    note(keeper.join(.init(id: lastID, isPatient: isPatient, payload: name), at: now))
    return lastID
  }

  mutating func leave(_ id: UInt64) { note(keeper.leave(id, at: now)) }

  mutating func stop(_ name: Int) {
    lastID += 1
    note(keeper.stop(.init(id: lastID, isPatient: false, payload: name), at: now))
  }

  mutating func done(_ figures: JobFigures = JobFigures()) { end(.done(figures)) }

  mutating func failed(_ sentence: String) { end(.failed(sentence)) }

  /// A job that was given up returns.
  mutating func returns() throws {
    let (job, generation) = try #require(lost.isEmpty ? nil : lost.removeFirst())
    note(keeper.jobEnded(job, generation: generation, .failed("late"), at: now))
  }

  mutating func removed(_ failure: String? = nil) { note(keeper.removalEnded(failure, at: now)) }

  private mutating func end(_ end: Keeper.JobEnd) {
    guard let (job, generation) = job else {
      Issue.record("no job")
      return
    }
    self.job = nil
    note(keeper.jobEnded(job, generation: generation, end, at: now))
  }

  private mutating func note(_ actions: [Keeper.Action]) {
    for action in actions {
      switch action {
      case .begin(let job, let generation):
        self.job = (job, generation)
        notes.append("\(job)")
      case .remove: notes.append("remove")
      case .answer(let waiters, let verdict):
        notes.append("\(waiters.map(\.payload)) \(verdict)")
      case .report(let report): notes.append("\(report)")
      }
    }
    if let (job, generation) = job, generation != keeper.generation {
      lost.append((job, generation))
      self.job = nil
    }
  }
}

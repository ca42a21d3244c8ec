extension KeeperState {
  var isRepublishing: Bool { running?.job == .republish && !isLost }

  /// When `tick` has to be called, if nothing else happens before.
  var wakeAt: Instant? {
    if isOver && phase == .protected { return nil }
    var times: [Instant?] = [running.flatMap { isLost ? nil : $0.due }, removalDue]
    if !isCommitting, !waiting.isEmpty, phase != .failing { times.append(due) }
    if !isRemoving { times.append(removalAt) }
    if running == nil, !isRemoving, !isOver {
      switch phase {
      case .protected: times += [commitAt, wantsBase ? baseAt : nil]
      case .unprotected, .refused: times.append(retryAt)
      case .failing: break
      }
    }
    return times.compactMap { $0 }.min()
  }

  /// When the next commit begins, if the worker is free.
  private var commitAt: Instant {
    let idle = commitBegun + limits.interval
    if waiting.isEmpty { return idle }
    return isStopping || waiting.contains { !$0.isPatient } ? commitBegun : min(paceAt, idle)
  }

  private var wantsBase: Bool {
    guard !isStopping, case .none = newBase else { return false }
    return totals.fileBytes - baseBytes > max(baseBytes, limits.incrementBytesMin)
  }

  /// Finds what is late, and gives work to whoever is free.
  mutating func advance(_ now: Instant, _ actions: inout [Action]) {
    // What is on disk then is the last commit.
    if isOver && phase == .protected { return }
    if isLate(now) {
      let seconds = (isStopping ? limits.lastCommitMax : limits.commitMax).components.seconds
      fail("the disk took longer than \(seconds) s", isLate: true, now, &actions)
    }
    if let removalDue, now >= removalDue {
      self.removalDue = nil
      settle(.refused, "the disk did not remove the state file in time", now, &actions)
    }
    if let removalAt, now >= removalAt, !isRemoving, running == nil || isLost {
      beginRemoval(now, &actions)
    }
    guard running == nil, !isRemoving, removalAt.map({ now < $0 }) ?? true else { return }
    if let job = nextJob(now) { begin(job, now, &actions) }
  }

  /// Whether a job has not ended in time, or has kept others from beginning in time.
  private func isLate(_ now: Instant) -> Bool {
    guard phase != .failing, let running, !isLost else { return false }
    if running.job == .commit { return running.due.map { now >= $0 } ?? false }
    return !waiting.isEmpty && due.map { now >= $0 } ?? false
  }

  private func nextJob(_ now: Instant) -> Job? {
    if isOver { return nil }
    switch phase {
    case .failing: return nil
    case .unprotected, .refused:
      if isRebuilt { return .republish }
      return now >= retryAt ? .rebuild : nil
    case .protected:
      let isDue = now >= commitAt
      if let job = baseJob(now), !(isDue && wroteSlice) { return job }
      return isDue ? .commit : nil
    }
  }

  private func baseJob(_ now: Instant) -> Job? {
    if isStopping { return nil }
    switch newBase {
    case .none: return wantsBase && now >= baseAt ? .slice(isFirst: true) : nil
    case .slicing(let isFirst): return .slice(isFirst: isFirst)
    case .sliced: return nil
    case .ready: return .publish
    }
  }

  private mutating func begin(_ job: Job, _ now: Instant, _ actions: inout [Action]) {
    var jobDue: Instant?
    if job == .commit {
      serving = waiting
      waiting = []
      jobDue = due ?? now + (isStopping ? limits.lastCommitMax : limits.commitMax)
      due = nil
      commitBegun = now
    }
    if case .slice(isFirst: true) = job { newBase = .slicing(isFirst: false) }
    running = RunningJob(job: job, generation: generation, begun: now, due: jobDue)
    actions.append(.begin(job, generation: generation))
  }

  private mutating func beginRemoval(_ now: Instant, _ actions: inout [Action]) {
    removalAt = nil
    isRemoving = true
    removalDue = now + limits.removalMax
    actions.append(.remove)
  }

  /// The file is not what a restart should find: it has to go.
  mutating func fail(
    _ sentence: String, isLate: Bool, _ now: Instant, _ actions: inout [Action]
  ) {
    if isLate { totals.commitsLate += 1 } else { totals.commitsFailed += 1 }
    if reported == .protected { actions.append(.report(.failed(sentence))) }
    phase = .failing
    cause = sentence
    generation += 1
    newBase = .none
    isRebuilt = false
    waiting = serving + waiting
    serving = []
    due = nil
    removalAt = now
    if !isRemoving { beginRemoval(now, &actions) }
  }

  /// A removal has ended, or is late.
  mutating func settle(
    _ next: Phase, _ sentence: String?, _ now: Instant, _ actions: inout [Action]
  ) {
    let isFirst = phase == .failing
    phase = next
    if isFirst || isLost { retryLater(now) }
    if let sentence { refusal = "\(sentence); free or repair the disk of --state.dir" }
    if reported != next {
      reported = next
      actions.append(
        .report(next == .unprotected ? .unprotected : .refused(refusal, serves: serves)))
    }
    if !isStopping || running != nil || retryAt > now { answerAll(&actions) }
  }

  /// Answers all that wait as the phase says.
  mutating func answerAll(_ actions: inout [Action]) {
    due = nil
    answer(waiting, verdict, &actions)
    waiting = []
  }

  mutating func answer(
    _ waiters: [Waiter], _ verdict: StateVerdict, _ actions: inout [Action]
  ) {
    if waiters.isEmpty { return }
    patientCount -= waiters.count { $0.isPatient }
    actions.append(.answer(waiters, verdict))
    guard let stopID, !isOver, waiters.contains(where: { $0.id == stopID }) else { return }
    isOver = true
    let left = (serving + waiting).filter { other in !waiters.contains { $0.id == other.id } }
    (serving, waiting, due) = ([], [], nil)
    answer(left, .refused(KeeperState.overSentence), &actions)
  }

  static var overSentence: String { "Weir has stopped" }

  /// Sets the time of the next try, and where the file is still there, of its next removal.
  mutating func retryLater(_ now: Instant) {
    retryAt = now + backoff
    backoff = min(backoff * 2, limits.retryMax)
    if phase == .refused && !isRemoving { removalAt = retryAt }
  }
}

extension KeeperState {
  /// Someone wants all that is counted by now to be on disk.
  mutating func join(_ waiter: Waiter, at now: Instant) -> [Action] {
    var actions: [Action] = []
    if isOver { return [.answer([waiter], .refused(KeeperState.overSentence))] }
    let isServedNow = (phase == .unprotected || phase == .refused) && !isRepublishing && !isStopping
    if isServedNow {
      actions.append(.answer([waiter], verdict))
    } else if waiter.isPatient && patientCount >= limits.answersMax {
      totals.answersDropped += 1
      actions.append(.answer([waiter], .refused("too many answers wait for the disk")))
    } else {
      waiting.append(waiter)
      if waiter.isPatient { patientCount += 1 }
      if !isCommitting, phase != .failing {
        let due = (waiter.isPatient ? max(now, paceAt) : now) + limits.commitMax
        self.due = min(self.due ?? due, due)
      }
    }
    advance(now, &actions)
    return actions
  }

  /// Someone waits no longer.
  mutating func leave(_ id: UInt64, at now: Instant) -> [Action] {
    var actions: [Action] = []
    let left = (serving + waiting).filter { $0.id == id }
    guard !left.isEmpty else { return [] }
    serving.removeAll { $0.id == id }
    waiting.removeAll { $0.id == id }
    if waiting.isEmpty { due = nil }
    let sentence = "the state was not on disk before the time of the request was over; try again"
    answer(left, .refused(sentence), &actions)
    return actions
  }

  /// The time has come that `wakeAt` named, or another one.
  mutating func tick(at now: Instant) -> [Action] {
    var actions: [Action] = []
    advance(now, &actions)
    return actions
  }

  /// Begins the last commit, for `waiter`. No new base is begun after it.
  mutating func stop(_ waiter: Waiter, at now: Instant) -> [Action] {
    var actions: [Action] = []
    isStopping = true
    stopID = waiter.id
    newBase = .none
    waiting.append(waiter)
    if isLost && phase != .failing {
      answerAll(&actions)
    } else {
      due = now + limits.lastCommitMax
      retryAt = now
    }
    advance(now, &actions)
    return actions
  }

  /// The worker has ended a job.
  mutating func jobEnded(
    _ job: Job, generation: UInt64, _ end: JobEnd, at now: Instant
  ) -> [Action] {
    var actions: [Action] = []
    let begun = running?.begun ?? now
    running = nil
    if case .done(let figures) = end { totals.bytesWritten += figures.written }
    guard generation == self.generation else {
      // It may have written after the removal.
      removalAt = now
      advance(now, &actions)
      return actions
    }
    switch end {
    case .done(let figures): succeeded(job, figures, begun: begun, now, &actions)
    case .failed(let sentence): failed(job, sentence, now, &actions)
    }
    advance(now, &actions)
    return actions
  }

  /// The remover has ended.
  ///
  /// - Parameter failure: Why the file could not be removed; nil if none is left.
  mutating func removalEnded(_ failure: String?, at now: Instant) -> [Action] {
    var actions: [Action] = []
    isRemoving = false
    removalDue = nil
    if phase == .protected { preconditionFailure("a file in use is never removed") }
    // Not if it has to be done again: the worker wrote meanwhile.
    if removalAt.map({ $0 > now }) ?? true {
      if let failure {
        settle(.refused, "the state file can't be removed: \(failure)", now, &actions)
      } else {
        totals.fileBytes = 0
        settle(.unprotected, nil, now, &actions)
      }
    }
    advance(now, &actions)
    return actions
  }

  private mutating func succeeded(
    _ job: Job, _ figures: JobFigures, begun: Instant, _ now: Instant, _ actions: inout [Action]
  ) {
    if let sentence = figures.abandoned { abandonBase(sentence, now, &actions) }
    switch job {
    case .commit:
      totals.addCommit(now - begun)
      totals.fileBytes = figures.fileBytes
      paceAt = now + (now - begun) * limits.paceFactor
      answer(serving, .committed, &actions)
      serving = []
      wroteSlice = false
      if case .sliced = newBase { newBase = .ready }
    case .slice:
      wroteSlice = true
      newBase = figures.isLastSlice ? .sliced : .slicing(isFirst: false)
    case .publish:
      wroteSlice = true
      newBase = .none
      replaced(figures)
    case .rebuild:
      isRebuilt = true
    case .republish:
      isRebuilt = false
      replaced(figures)
      totals.addCommit(now - begun)
      commitBegun = now
      baseAt = now
      backoff = limits.retryMin
      removalAt = nil
      phase = .protected
      reported = .protected
      actions.append(.report(.protectedAgain))
    }
    noteWaiting(now)
  }

  /// Those that wait can be served from now on.
  private mutating func noteWaiting(_ now: Instant) {
    guard !waiting.isEmpty, due == nil else { return }
    due = (waiting.contains { !$0.isPatient } ? now : max(now, paceAt)) + limits.commitMax
  }

  private mutating func replaced(_ figures: JobFigures) {
    totals.bases += 1
    totals.fileBytes = figures.fileBytes
    baseBytes = figures.fileBytes
  }

  private mutating func failed(
    _ job: Job, _ sentence: String, _ now: Instant, _ actions: inout [Action]
  ) {
    switch job {
    case .commit: fail(sentence, isLate: false, now, &actions)
    case .slice, .publish:
      wroteSlice = true
      abandonBase(sentence, now, &actions)
      noteWaiting(now)
    case .rebuild:
      totals.basesAbandoned += 1
      retryLater(now)
      if isStopping { answerAll(&actions) }
    case .republish:
      // It may have been published.
      totals.basesAbandoned += 1
      fail(sentence, isLate: false, now, &actions)
    }
  }

  private mutating func abandonBase(
    _ sentence: String, _ now: Instant, _ actions: inout [Action]
  ) {
    newBase = .none
    totals.basesAbandoned += 1
    baseAt = now + limits.baseRetry
    actions.append(.report(.baseAbandoned(sentence)))
  }
}

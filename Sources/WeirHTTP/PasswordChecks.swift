import Dispatch
import WeirBytes
import WeirSockets

/// Checks passwords one after another, on a thread of its own, because bcrypt takes long by design.
///
/// Whoever sends wrong passwords gets one core at most. What was found out is remembered, so that
/// credentials that come again cost nothing, whether they are right or wrong; and it is found out even
/// where whoever asked has left meanwhile, because a scraper comes again.
final class PasswordChecks: Sendable {
  /// Wrong credentials that are remembered: those of a minute, at 50 ms each.
  static let wrongMax = 1_024
  /// Credentials that are remembered because they were presented and not judged: those of 15 seconds,
  /// where 1,000 a second come.
  static let unjudgedMax = 16_384

  private struct State {
    var queue = PasswordQueue()
    var attempts: [UInt64: PasswordAttempt] = [:]
    var admitted = AdmittedCredentials()
    var wrong = DigestMemory(countMax: PasswordChecks.wrongMax)
    var unjudged = DigestMemory(countMax: PasswordChecks.unjudgedMax)
    var isAtWork = false
    var lastID: UInt64 = 0
  }

  private let state = Locked(State())
  private let thread = DispatchQueue(label: "weir.passwords", qos: .utility)
  private let judge: PasswordJudge

  init(judge: PasswordJudge = PasswordJudge()) {
    self.judge = judge
  }

  /// What is remembered of credentials; nil where nothing is.
  func remembered(_ digest: [UInt8]) -> Bool? {
    state.withLock { state in
      if state.admitted.contains(digest) { return true }
      return state.wrong.contains(digest) ? false : nil
    }
  }

  /// Has an attempt wait for its turn.
  ///
  /// - Returns: Whether it found a place; without one it is never settled.
  func add(_ attempt: PasswordAttempt, from network: ClientNetwork) -> Bool {
    let (isTaken, replaced): (Bool, PasswordAttempt?) = state.withLock { state in
      state.lastID += 1
      let admission = state.queue.add(
        PasswordQueue.Entry(
          id: state.lastID, network: network, user: attempt.user,
          isReturning: attempt.digest.map { state.unjudged.contains($0) } ?? false))
      var replaced: PasswordAttempt?
      switch admission {
      case .turnedAway:
        if let digest = attempt.digest { state.unjudged.insert(digest) }
        return (false, nil)
      case .replaces(let id):
        replaced = state.attempts.removeValue(forKey: id)
        if let digest = replaced?.digest { state.unjudged.insert(digest) }
      case .waits: break
      }
      state.attempts[state.lastID] = attempt
      return (true, replaced)
    }
    replaced?.settle(nil)
    if isTaken { goOn() }
    return isTaken
  }

  /// Starts the next check, unless one runs.
  private func goOn() {
    let next: PasswordAttempt? = state.withLock { state in
      guard !state.isAtWork, let entry = state.queue.next() else { return nil }
      state.isAtWork = true
      return state.attempts.removeValue(forKey: entry.id)
    }
    guard let next else { return }
    thread.async {
      let verdict = self.judge.judge(
        next.password, hash: next.hash, costliest: next.costliest)
      for attempt in [next] + self.remember(verdict, of: next) { attempt.settle(verdict) }
      self.goOn()
    }
  }

  /// Keeps what was found out.
  ///
  /// - Returns: Attempts with the same credentials, which need no check any more.
  private func remember(_ verdict: Bool, of attempt: PasswordAttempt) -> [PasswordAttempt] {
    state.withLock { state in
      state.isAtWork = false
      guard let digest = attempt.digest else { return [] }
      if verdict { state.admitted.insert(digest) } else { state.wrong.insert(digest) }
      state.unjudged.remove(digest)
      let same = state.attempts.filter { $0.value.digest == digest }
      for id in same.keys {
        state.queue.remove(id)
        state.attempts[id] = nil
      }
      return Array(same.values)
    }
  }
}

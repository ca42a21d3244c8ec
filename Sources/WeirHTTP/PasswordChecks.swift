import Dispatch
import WeirBytes
import WeirSockets

/// Checks passwords one at a time on a thread of its own, because bcrypt is slow by design.
///
/// A flood of wrong passwords therefore uses one core at most. Results are remembered, so repeated
/// credentials cost nothing, right or wrong. A check also completes after its client has
/// disconnected, because a scraper will send the same credentials again.
///
/// ```
/// request ─▶ remembered? ── yes ───────────────────────────────▶ granted or denied
///                 │ no
///                 ▼
///           PasswordQueue ── no room ─▶ 503, remembered as unchecked
///                 │ next()
///                 ▼
///           bcrypt on thread `weir.passwords`
///                 │
///                 ▼
///           verified or wrong: remembered, and all attempts with these credentials complete
/// ```
final class PasswordChecks: Sendable {
  /// Remembered wrong credentials: those of one minute, at 50 ms each.
  static let wrongMax = 1_024
  /// Remembered credentials that were sent but not checked for lack of room: those of 15 seconds,
  /// at 1,000 a second.
  static let uncheckedMax = 16_384

  private struct State {
    var queue = PasswordQueue()
    var attempts: [PasswordQueue.ID: PasswordAttempt] = [:]
    var verified = VerifiedCredentials()
    var wrong = RecentDigests(countMax: PasswordChecks.wrongMax)
    var unchecked = RecentDigests(countMax: PasswordChecks.uncheckedMax)
    var isChecking = false
    var lastID: PasswordQueue.ID = 0

    mutating func remembered(_ digest: [UInt8]) -> Bool? {
      if verified.contains(digest) { return true }
      return wrong.contains(digest) ? false : nil
    }

    mutating func add(_ attempt: PasswordAttempt, from network: ClientNetwork) -> Added {
      if let digest = attempt.digest, let known = remembered(digest) { return .known(known) }
      lastID += 1
      let result = queue.add(
        PasswordQueue.Entry(
          id: lastID, network: network, user: attempt.user,
          isReturning: attempt.digest.map { unchecked.contains($0) } ?? false))
      var replaced: PasswordAttempt?
      switch result {
      case .rejected:
        if let digest = attempt.digest { unchecked.insert(digest) }
        return .rejected
      case .replaced(let id):
        replaced = attempts.removeValue(forKey: id)
        if let digest = replaced?.digest { unchecked.insert(digest) }
      case .queued: break
      }
      attempts[lastID] = attempt
      return .queued(replaced: replaced)
    }
  }

  private let state = Locked(State())
  private let thread = DispatchQueue(label: "weir.passwords", qos: .utility)
  private let verifier: PasswordVerifier

  init(verifier: PasswordVerifier = PasswordVerifier()) {
    self.verifier = verifier
  }

  /// The remembered result for these credentials; nil if there is none.
  func remembered(_ digest: [UInt8]) -> Bool? { state.withLock { $0.remembered(digest) } }

  private enum Added {
    /// These credentials were checked since the caller asked.
    case known(Bool)
    case queued(replaced: PasswordAttempt?)
    case rejected
  }

  /// Queues an attempt.
  ///
  /// - Returns: Whether there was room. If not, the attempt is never completed.
  func add(_ attempt: PasswordAttempt, from network: ClientNetwork) -> Bool {
    switch state.withLock({ $0.add(attempt, from: network) }) {
    case .known(let isCorrect): attempt.complete(with: isCorrect)
    case .queued(let replaced):
      replaced?.complete(with: nil)
      startNextCheck()
    case .rejected: return false
    }
    return true
  }

  /// Starts the next check, unless one is running.
  private func startNextCheck() {
    let next: PasswordAttempt? = state.withLock { state in
      guard !state.isChecking, let entry = state.queue.next() else { return nil }
      state.isChecking = true
      return state.attempts.removeValue(forKey: entry.id)
    }
    guard let next else { return }
    thread.async {
      let isCorrect = self.verifier.verify(
        next.password, hash: next.hash, costliestHash: next.costliestHash)
      for attempt in [next] + self.remember(isCorrect, of: next) {
        attempt.complete(with: isCorrect)
      }
      self.startNextCheck()
    }
  }

  /// Remembers the result of a check.
  ///
  /// - Returns: The queued attempts with the same credentials, which are removed from the queue.
  private func remember(_ isCorrect: Bool, of attempt: PasswordAttempt) -> [PasswordAttempt] {
    state.withLock { state in
      state.isChecking = false
      guard let digest = attempt.digest else { return [] }
      if isCorrect { state.verified.insert(digest) } else { state.wrong.insert(digest) }
      state.unchecked.remove(digest)
      let same = state.attempts.filter { $0.value.digest == digest }
      for id in same.keys {
        state.queue.remove(id)
        state.attempts[id] = nil
      }
      return Array(same.values)
    }
  }
}

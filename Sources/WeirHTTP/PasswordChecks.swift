import Dispatch
import WeirBytes
import WeirSockets

/// Checks passwords one at a time on a thread of its own, because bcrypt is slow by design.
///
/// A flood of wrong passwords therefore uses one core at most. Results are remembered, so repeated
/// credentials cost nothing, right or wrong. A check also completes after its client has
/// disconnected, because a scraper will send the same credentials again. Requests with the same
/// credentials share one check, and those of one network one place in the queue.
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

  /// Attempts that share a place of the queue or a running check with others. A client may send one and
  /// disconnect, again and again.
  static let sharingMax = 1_024

  /// An entry of the queue. Attempts of one network with the same credentials share it.
  private struct Waiting {
    let network: ClientNetwork
    /// At least one.
    var attempts: [PasswordAttempt]

    var digest: [UInt8]? { attempts[0].digest }
  }

  private struct State {
    var queue = PasswordQueue()
    var waiting: [PasswordQueue.ID: Waiting] = [:]
    /// Attempts with the credentials that are being checked; empty if none are.
    var running: [PasswordAttempt] = []
    /// Attempts in `waiting` and `running` that came after the first of theirs.
    var sharing = 0
    var verified = VerifiedCredentials()
    var wrong = RecentDigests(countMax: PasswordChecks.wrongMax)
    var unchecked = RecentDigests(countMax: PasswordChecks.uncheckedMax)
    var lastID: PasswordQueue.ID = 0

    mutating func remembered(_ digest: [UInt8]) -> Bool? {
      if verified.contains(digest) { return true }
      return wrong.contains(digest) ? false : nil
    }

    mutating func add(_ attempt: PasswordAttempt, from network: ClientNetwork) -> Added {
      if let digest = attempt.digest {
        if let known = remembered(digest) { return .known(known) }
        if let added = share(attempt, digest, from: network) { return added }
      }
      lastID += 1
      let result = queue.add(
        PasswordQueue.Entry(
          id: lastID, network: network, user: attempt.user,
          isReturning: attempt.digest.map { unchecked.contains($0) } ?? false))
      var replaced: [PasswordAttempt] = []
      switch result {
      case .rejected:
        if let digest = attempt.digest { unchecked.insert(digest) }
        return .rejected
      case .replaced(let id):
        replaced = remove(id)
        sharing -= max(0, replaced.count - 1)
        if let digest = replaced.first?.digest { unchecked.insert(digest) }
      case .queued: break
      }
      waiting[lastID] = Waiting(network: network, attempts: [attempt])
      return .queued(replaced: replaced)
    }

    /// Adds an attempt to the running check, or to the place in the queue, of its credentials.
    ///
    /// - Returns: Nil if there is neither.
    /// - Complexity: O(entries).
    private mutating func share(
      _ attempt: PasswordAttempt, _ digest: [UInt8], from network: ClientNetwork
    ) -> Added? {
      let isRunning = running.first?.digest == digest
      // A place of another network has another turn.
      let place = waiting.first { $0.value.network == network && $0.value.digest == digest }?.key
      guard isRunning || place != nil else { return nil }
      guard sharing < PasswordChecks.sharingMax else {
        unchecked.insert(digest)
        return .rejected
      }
      sharing += 1
      if isRunning {
        running.append(attempt)
      } else if let place {
        waiting[place]?.attempts.append(attempt)
      }
      return .queued(replaced: [])
    }

    /// Begins the next check; nil if one is running or none waits.
    mutating func begin() -> PasswordAttempt? {
      guard running.isEmpty, let entry = queue.next() else { return nil }
      running = remove(entry.id)
      return running.first
    }

    /// Ends the running check, and remembers its result.
    ///
    /// - Returns: All attempts with its credentials.
    mutating func end(_ isCorrect: Bool) -> [PasswordAttempt] {
      var ended = running
      running = []
      sharing -= max(0, ended.count - 1)
      guard let digest = ended.first?.digest else { return ended }
      if isCorrect { verified.insert(digest) } else { wrong.insert(digest) }
      unchecked.remove(digest)
      for id in waiting.filter({ $0.value.digest == digest }).keys {
        queue.remove(id)
        let same = remove(id)
        sharing -= max(0, same.count - 1)
        ended += same
      }
      return ended
    }

    private mutating func remove(_ id: PasswordQueue.ID) -> [PasswordAttempt] {
      waiting.removeValue(forKey: id)?.attempts ?? []
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
    /// The attempts that have lost their place to it.
    case queued(replaced: [PasswordAttempt])
    case rejected
  }

  /// Queues an attempt.
  ///
  /// - Returns: Whether there was room. If not, the attempt is never completed.
  func add(_ attempt: PasswordAttempt, from network: ClientNetwork) -> Bool {
    switch state.withLock({ $0.add(attempt, from: network) }) {
    case .known(let isCorrect): attempt.complete(with: isCorrect)
    case .queued(let replaced):
      for attempt in replaced { attempt.complete(with: nil) }
      startNextCheck()
    case .rejected: return false
    }
    return true
  }

  /// Starts the next check, unless one is running.
  private func startNextCheck() {
    guard let next = state.withLock({ $0.begin() }) else { return }
    thread.async {
      let isCorrect = self.verifier.verify(
        next.password, hash: next.hash, costliestHash: next.costliestHash)
      for attempt in self.state.withLock({ $0.end(isCorrect) }) {
        attempt.complete(with: isCorrect)
      }
      self.startNextCheck()
    }
  }
}

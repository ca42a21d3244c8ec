import WeirBytes
import WeirSockets

/// A user and a password that somebody has presented, and that are to be checked.
final class PasswordAttempt: Sendable {
  let user: String
  let password: [UInt8]
  /// That of the user; nil for a user that does not exist.
  let hash: String?
  /// The hash of all users that takes longest.
  let costliest: String
  /// Stands for all of these; nil where nothing can be remembered.
  let digest: [UInt8]?

  private enum State {
    case open
    case awaited(CheckedContinuation<Bool?, Never>)
    case settled(Bool?)
  }

  private let state = Locked(State.open)

  init(user: String, password: [UInt8], hash: String?, costliest: String, digest: [UInt8]?) {
    self.user = user
    self.password = password
    self.hash = hash
    self.costliest = costliest
    self.digest = digest
  }

  /// Says whether it is right; nil where that was not found out. Only the first counts.
  func settle(_ verdict: Bool?) {
    let waiting: CheckedContinuation<Bool?, Never>? = state.withLock { state in
      switch state {
      case .settled: return nil
      case .open:
        state = .settled(verdict)
        return nil
      case .awaited(let continuation):
        state = .settled(verdict)
        return continuation
      }
    }
    waiting?.resume(returning: verdict)
  }

  /// Waits until it is settled. Only one may wait.
  func verdict() async -> Bool? {
    await withCheckedContinuation { continuation in
      let settled: Bool?? = state.withLock { state in
        if case .settled(let verdict) = state { return .some(verdict) }
        state = .awaited(continuation)
        return .none
      }
      if let settled { continuation.resume(returning: settled) }
    }
  }
}

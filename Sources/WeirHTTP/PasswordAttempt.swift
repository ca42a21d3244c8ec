import WeirBytes
import WeirSockets

/// A user name and password of a request, with the result of the check once it is known.
final class PasswordAttempt: Sendable {
  let user: String
  let password: [UInt8]
  /// The user's bcrypt hash; nil if there is no such user.
  let hash: String?
  /// The hash with the highest cost among all users.
  let costliestHash: String
  /// A digest of the above; nil if no digest could be made, so that nothing can be remembered.
  let digest: [UInt8]?

  private enum State {
    case pending
    case awaited(CheckedContinuation<Bool?, Never>)
    case completed(Bool?)
  }

  private let state = Locked(State.pending)

  init(
    user: String, password: [UInt8], hash: String?, costliestHash: String, digest: [UInt8]?
  ) {
    self.user = user
    self.password = password
    self.hash = hash
    self.costliestHash = costliestHash
    self.digest = digest
  }

  /// Sets the result: whether the password is correct, or nil if it was not checked. Only the first
  /// call has an effect.
  func complete(with result: Bool?) {
    let waiting: CheckedContinuation<Bool?, Never>? = state.withLock { state in
      switch state {
      case .completed: return nil
      case .pending:
        state = .completed(result)
        return nil
      case .awaited(let continuation):
        state = .completed(result)
        return continuation
      }
    }
    waiting?.resume(returning: result)
  }

  /// Waits for the result. Only one task may wait.
  func result() async -> Bool? {
    await withCheckedContinuation { continuation in
      let completed: Bool?? = state.withLock { state in
        if case .completed(let result) = state { return .some(result) }
        if case .awaited = state { preconditionFailure("two tasks wait for one result") }
        state = .awaited(continuation)
        return .none
      }
      if let completed { continuation.resume(returning: completed) }
    }
  }
}

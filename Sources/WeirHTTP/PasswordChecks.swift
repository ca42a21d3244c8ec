import Dispatch
import Synchronization
import WeirConcurrency
import WeirSecurity
import WeirSockets

/// Checks passwords one after another, on a thread of its own, for bcrypt takes long by design.
///
/// Whoever sends wrong passwords gets one core at most, and no more than a few places in the queue:
/// none that somebody else at another address would need.
final class PasswordChecks: Sendable {
  /// Checks that wait or run: at 50 ms each, under half a second. Those beyond are turned away.
  static let waitingMax = 8
  /// Of them, those of one address.
  static let waitingPerPeerMax = 4

  private struct Places {
    var total = 0
    var perPeer: [String: Int] = [:]
  }

  private let queue = DispatchQueue(label: "weir.passwords", qos: .utility)
  private let places = Guarded(Places())

  /// Whether `hash` is that of `password`; nil where too many wait, or the caller was cancelled.
  func check(_ password: [UInt8], _ hash: String, from peer: SocketAddress?) async -> Bool? {
    let name = peer?.host ?? ""
    guard take(name) else { return nil }
    defer { giveBack(name) }
    let cancelled = Cancelled()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        queue.async {
          // Whoever has gone away meanwhile costs nothing.
          guard !cancelled.flag.load(ordering: .relaxed) else {
            return continuation.resume(returning: nil)
          }
          continuation.resume(returning: Bcrypt.matches(password, hash))
        }
      }
    } onCancel: {
      cancelled.flag.store(true, ordering: .relaxed)
    }
  }

  private final class Cancelled: Sendable {
    let flag = Atomic(false)
  }

  private func take(_ name: String) -> Bool {
    places.withLock { places in
      guard places.total < Self.waitingMax,
        places.perPeer[name, default: 0] < Self.waitingPerPeerMax
      else { return false }
      places.total += 1
      places.perPeer[name, default: 0] += 1
      return true
    }
  }

  private func giveBack(_ name: String) {
    places.withLock { places in
      places.total -= 1
      let left = (places.perPeer[name] ?? 1) - 1
      places.perPeer[name] = left > 0 ? left : nil
    }
  }
}

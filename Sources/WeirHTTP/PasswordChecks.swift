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

  /// A place in the queue, which is given back when nobody holds it any more.
  final class Place: Sendable {
    private let checks: PasswordChecks
    private let name: String

    fileprivate init(_ checks: PasswordChecks, _ name: String) {
      self.checks = checks
      self.name = name
    }

    deinit {
      checks.giveBack(name)
    }
  }

  /// A place for a client; nil where too many wait.
  func place(for peer: SocketAddress?) -> Place? {
    let name = peer?.host ?? ""
    return take(name) ? Place(self, name) : nil
  }

  /// Whether `hash` is that of `password`; nil where the caller was cancelled.
  func check(_ password: [UInt8], _ hash: String, at place: Place) async -> Bool? {
    defer { withExtendedLifetime(place) {} }
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

import BenchmarkKit

/// Sends a payload over and over, and continues where it stopped.
final class Filler {
  private let ring: DatagramRing
  private var position = 0
  /// Datagrams sent in all.
  private(set) var sent = 0

  init(_ payload: Payload) throws(UsageError) {
    ring = try DatagramRing(payload)
  }

  /// Sends the next `datagrams` to a lane that should have room for them.
  func fill(_ lane: Lane, datagrams: Int) throws(RunError) {
    let end = sent + datagrams
    while sent < end {
      switch try ring.send(from: position, limit: end - sent, on: lane.sender) {
      case .sent(let messages, let datagrams):
        position = (position + messages) % ring.count
        sent += datagrams
      case .full: continue
      case .refused: throw RunError("Nobody listens at the socket that is to be filled.")
      }
    }
  }
}

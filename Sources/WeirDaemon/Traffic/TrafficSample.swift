import WeirAggregation
import WeirBytes
import WeirInsight
import WeirPush
import WeirSockets

/// Who has sent a message.
enum SenderKey: Hashable, Sendable {
  /// With port 0: a client has many.
  case address(SocketAddress)
  case named(String)
  case instance(InstanceID, isSigned: Bool)

  init(_ source: MessageSource) {
    switch source {
    case .address(let address): self = .address(address.with(port: 0))
    case .named(let name): self = .named(name)
    }
  }
}

/// What one pipeline leaves of its batches for `Traffic`: some series, and some messages with their senders.
final class TrafficSample: Sendable {
  /// Samples that are taken of a batch, and messages.
  static let perBatch = 16
  /// Refused lines that are taken of a batch.
  static let refusedPerBatch = 8
  /// Entries that wait to be read, of each kind.
  static let waitingMax = 4_096

  struct Sent: Sendable {
    let sender: SenderKey
    let lines: Double
    let refused: Double
  }

  struct Waiting: Sendable {
    var series = ThinnedSample<SeriesLease>(capacity: waitingMax)
    var sent = ThinnedSample<Sent>(capacity: waitingMax)
  }

  private let waiting = Locked(Waiting())

  func add(_ body: (inout Waiting) -> Void) { waiting.withLock { body(&$0) } }

  /// Takes out what waits.
  func take() -> (series: [ThinnedSample<SeriesLease>.Entry], sent: [ThinnedSample<Sent>.Entry]) {
    waiting.withLock { ($0.series.take(), $0.sent.take()) }
  }
}

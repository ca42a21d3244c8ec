import Dispatch
import WeirSockets

/// A connection of a stream listener. Confined to the receiver's actor.
///
/// While nothing is sent it takes a descriptor, a Dispatch source, and no buffer.
final class StreamConnection {
  typealias ID = UInt64

  let id: ID
  let stream: TCPStream
  let readable: ReadinessSource
  /// Who sends, as the log and `/debug/refused` show it.
  let sender: MessageSource
  /// What was sent and is not whole yet.
  var rest = StreamRest()
  /// Whether its next turn is on the queue already.
  var isTurnQueued = false
  /// When bytes came last.
  var lastBytesAt: DispatchTime

  init(
    id: ID, stream: consuming TCPStream, readable: ReadinessSource, sender: MessageSource,
    now: DispatchTime
  ) {
    self.id = id
    self.stream = stream
    self.readable = readable
    self.sender = sender
    lastBytesAt = now
  }
}

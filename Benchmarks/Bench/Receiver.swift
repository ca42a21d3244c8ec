import BenchmarkPayload
import Synchronization
import WeirAggregation
import WeirBytes
import WeirMetrics
import WeirWire

/// What a round took, summed over its batches.
struct RoundTime {
  var decodeNanoseconds = 0
  /// Route and apply.
  var applyNanoseconds = 0

  var nanoseconds: Int { decodeNanoseconds + applyNanoseconds }
}

/// What a receiver was told by its batches.
struct Tally: Equatable {
  var lines = 0
  var samples = 0
  var refusals = 0

  static func + (left: Tally, right: Tally) -> Tally {
    Tally(
      lines: left.lines + right.lines, samples: left.samples + right.samples,
      refusals: left.refusals + right.refusals)
  }
}

/// Takes in datagrams as the server's receivers do, from memory in place of a socket.
struct Receiver: ~Copyable {
  /// One receive call of the server brings at most so many.
  static let datagramsPerBatch = 64

  private let decoder = StatsDDecoder()
  private var router: Router
  private var batch = SampleBatch()
  private(set) var tally = Tally()

  init(aggregator: Aggregator) {
    router = Router(aggregator: aggregator, reader: StatsDIdentityReader())
  }

  /// Takes in the whole payload, `passes` times.
  ///
  /// The clock is read twice a batch, which adds a nanosecond or two to a line where a datagram is
  /// one line, and nothing to speak of where it is many.
  mutating func run(_ payload: Payload, passes: Int) -> RoundTime {
    var time = RoundTime()
    let bytes = payload.bytes.span
    let starts = payload.datagramStarts.span
    var then = Clock.now()
    for _ in 0..<passes {
      var first = 0
      while first < payload.count {
        let end = min(first + Self.datagramsPerBatch, payload.count)
        var next = first
        while next < end {
          while next < end && batch.samples.count < SampleBatch.samplesAim {
            decoder.decode(bytes, from: starts[next], to: starts[next + 1], into: &batch)
            next += 1
          }
          let decoded = Clock.now()
          apply(bytes)
          let applied = Clock.now()
          time.decodeNanoseconds += decoded - then
          time.applyNanoseconds += applied - decoded
          then = applied
        }
        first = end
      }
    }
    return time
  }

  private mutating func apply(_ bytes: Span<UInt8>) {
    router.apply(&batch, bytes: bytes)
    tally.lines += batch.lines
    tally.refusals += batch.refusals.total
    for kind in batch.samplesApplied.indices { tally.samples += batch.samplesApplied[kind] }
    batch.removeAll()
  }
}

/// A receiver that any thread may take a round on.
final class ReceiverSlot: Sendable {
  private let receiver: Mutex<Receiver>

  init(aggregator: Aggregator) {
    receiver = Mutex(Receiver(aggregator: aggregator))
  }

  var tally: Tally { receiver.withLock { $0.tally } }

  @discardableResult
  func run(_ payload: Payload, passes: Int) -> RoundTime {
    receiver.withLock { $0.run(payload, passes: passes) }
  }
}

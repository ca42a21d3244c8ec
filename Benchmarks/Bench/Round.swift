import BenchmarkKit
import WeirAggregation
import WeirBytes

/// The time of a round, summed over its batches.
struct RoundTime {
  var decodeNanoseconds = 0
  /// Route and apply.
  var applyNanoseconds = 0
  /// CPU time of the thread; less than the clock's where other processes used the core.
  var cpuNanoseconds = 0

  var nanoseconds: Int { decodeNanoseconds + applyNanoseconds }
}

/// A receiver that takes rounds on any thread.
final class ReceiverSlot: Sendable {
  /// What one receive call of the server returns at most.
  private static let datagramsPerBatch = 64

  private let receiver: Locked<EngineReceiver>

  init(aggregator: Aggregator) {
    receiver = Locked(EngineReceiver(aggregator: aggregator))
  }

  var tally: Tally { receiver.withLock { $0.tally } }

  /// Takes in the whole payload, `passes` times.
  @discardableResult
  func run(_ payload: Payload, passes: Int) -> RoundTime {
    receiver.withLock { Self.run(&$0, payload, passes: passes) }
  }

  /// The clock is read twice a batch. That adds a nanosecond or two to a line where a datagram has
  /// one, and nothing that matters where it has many.
  private static func run(
    _ receiver: inout EngineReceiver, _ payload: Payload, passes: Int
  ) -> RoundTime {
    var time = RoundTime()
    let bytes = payload.bytes.span
    let starts = payload.datagramStarts.span
    let cpu = Clock.threadTime()
    var then = Clock.now()
    for _ in 0..<passes {
      var first = 0
      while first < payload.count {
        let end = min(first + datagramsPerBatch, payload.count)
        var next = first
        while next < end {
          while next < end && !receiver.isFull {
            receiver.decode(bytes, from: starts[next], to: starts[next + 1])
            next += 1
          }
          let decoded = Clock.now()
          receiver.apply(bytes)
          let applied = Clock.now()
          time.decodeNanoseconds += decoded - then
          time.applyNanoseconds += applied - decoded
          then = applied
        }
        first = end
      }
    }
    time.cpuNanoseconds = Clock.threadTime() - cpu
    return time
  }
}

import Synchronization
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

/// What one pipeline leaves of its batches for `Traffic`: some series, and some messages and refused lines with their
/// senders.
final class TrafficSample: Sendable {
  /// About how many entries of each kind are left a second, so that what sampling costs does not grow with the
  /// load.
  static let entriesPerSecond = 256.0
  /// Entries that wait to be read, of each kind.
  static let waitingMax = 1_024

  struct Sent: Sendable {
    let sender: SenderKey
    let lines: Double
    let refused: Double
  }

  /// The sampling intervals: one entry is left for each `series` samples, and so on. A pipeline reads a new value
  /// at the start of its next batch.
  struct Strides: Sendable, Equatable {
    var series = 1
    var messages = 1
    var refusedLines = 1
  }

  private struct State {
    var series = ThinnedSample<SeriesLease>(capacity: waitingMax)
    var messages = ThinnedSample<Sent>(capacity: waitingMax)
    var refusedLines = ThinnedSample<Sent>(capacity: waitingMax)
    var strides = Strides()
  }

  private let state = Locked(State())
  /// Counts changes of the strides, so that a pipeline looks at them without a lock.
  private let version = Atomic<Int>(0)

  /// Differs when the strides have changed.
  var stridesVersion: Int { version.load(ordering: .relaxed) }
  var strides: Strides { state.withLock { $0.strides } }

  /// How many entries wait.
  var waiting: (series: Int, messages: Int, refusedLines: Int) {
    state.withLock { ($0.series.count, $0.messages.count, $0.refusedLines.count) }
  }

  /// Adds a series, and doubles the stride of its turns if there are too many.
  func add(_ series: SeriesLease, by turns: inout SampleTurns) {
    add(by: &turns, { $0.series.add(series, weight: $1) }, { $0.series = $1 })
  }

  /// Adds a message in the same way.
  func add(message: Sent, by turns: inout SampleTurns) {
    add(by: &turns, { $0.messages.add(message, weight: $1) }, { $0.messages = $1 })
  }

  /// Adds a refused line in the same way.
  func add(refusedLine: Sent, by turns: inout SampleTurns) {
    add(by: &turns, { $0.refusedLines.add(refusedLine, weight: $1) }, { $0.refusedLines = $1 })
  }

  /// - Parameters:
  ///   - keep: Adds the element with a weight, and returns whether its sample was full.
  ///   - setStride: Sets the stride of its kind.
  @inline(__always)
  private func add(
    by turns: inout SampleTurns, _ keep: (inout State, Double) -> Bool,
    _ setStride: (inout Strides, Int) -> Void
  ) {
    let weight = turns.stride
    let isFull = state.withLock { state in
      let isFull = keep(&state, Double(weight))
      if isFull { setStride(&state.strides, 2 * weight) }
      return isFull
    }
    guard isFull else { return }
    version.add(1, ordering: .relaxed)
    turns.restart(stride: 2 * weight)
  }

  /// Takes out what waits, and chooses strides that suit the pace.
  ///
  /// - Parameter seconds: Since the last time; nil if that says nothing about the pace.
  func take(
    after seconds: Double? = nil
  ) -> (series: [ThinnedSample<SeriesLease>.Entry], sent: [ThinnedSample<Sent>.Entry]) {
    state.withLock { state in
      let series = state.series.take()
      let messages = state.messages.take()
      let refusedLines = state.refusedLines.take()
      if let seconds {
        func stride(_ weights: some Sequence<Double>) -> Int {
          Int(max(1, weights.reduce(0, +) / seconds / TrafficSample.entriesPerSecond))
        }
        let strides = Strides(
          series: stride(series.lazy.map(\.weight)), messages: stride(messages.lazy.map(\.weight)),
          refusedLines: stride(refusedLines.lazy.map(\.weight)))
        if strides != state.strides {
          state.strides = strides
          version.add(1, ordering: .relaxed)
        }
      }
      return (series, messages + refusedLines)
    }
  }
}

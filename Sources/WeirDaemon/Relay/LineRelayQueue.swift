import WeirBytes
import WeirWire

/// What waits for one target of the relay, and what became of it.
final class LineRelayQueue: Sendable {
  /// The most bytes that wait, so that a target that is slow or hangs takes no more memory: a flood of a
  /// tenth of a second.
  static let bytesMax = 8 * 1024 * 1024
  /// Memory of a block besides its bytes.
  static let blockBytes = 256

  private struct State {
    var blocks: [PackedLines] = []
    /// Whether the target was told that there is something.
    var isTold = false
    var totals = LineRelayTotals()
  }

  private let state = Locked(State())

  var totals: LineRelayTotals { state.withLock { $0.totals } }

  static func cost(_ block: PackedLines) -> Int {
    block.bytes.count + block.packets.count * MemoryLayout<PackedLines.Packet>.stride + blockBytes
  }

  /// Appends a block, or counts it as dropped.
  ///
  /// - Returns: Whether the target has to be told.
  func append(_ block: PackedLines) -> Bool {
    let cost = LineRelayQueue.cost(block)
    return state.withLock { state in
      guard state.totals.queuedBytes + cost <= LineRelayQueue.bytesMax else {
        let lines = block.packets.reduce(0) { $0 + $1.lines }
        state.totals.dropped[.queueFull, default: .init()].add(block.packets.count, lines: lines)
        return false
      }
      state.totals.queuedBytes += cost
      state.blocks.append(block)
      defer { state.isTold = true }
      return !state.isTold
    }
  }

  /// Takes out everything. If there is nothing, the target is told of the next block.
  func take() -> [PackedLines] {
    state.withLock { state in
      let blocks = state.blocks
      state.blocks = []
      if blocks.isEmpty { state.isTold = false }
      return blocks
    }
  }

  /// Counts packets as sent, or as lost.
  ///
  /// - Parameter bytesDone: The cost of a block of which these were the last.
  func count(_ packets: Int, lines: Int, _ loss: LineRelayTotals.Loss?, bytesDone: Int) {
    state.withLock { state in
      if let loss {
        state.totals.dropped[loss, default: .init()].add(packets, lines: lines)
      } else {
        state.totals.sent.add(packets, lines: lines)
      }
      state.totals.queuedBytes -= bytesDone
    }
  }

  func countRefusal() { state.withLock { $0.totals.refusals += 1 } }
}

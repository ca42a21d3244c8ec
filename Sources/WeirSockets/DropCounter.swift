// Safety: getsockopt fills a local array of nine words and gets its size.

import CLinux
import Glibc
import WeirBytes

/// Extends the kernel's 32-bit drop counter to 64 bits.
///
/// Correct if there are fewer than 2^32 drops between two readings.
package struct DropTally: Sendable {
  private var last: UInt32 = 0
  package private(set) var total: UInt64 = 0

  package init() {}

  /// Adds the drops since the last reading. A smaller reading means that the counter has wrapped.
  package mutating func advance(to reading: UInt32) {
    total += UInt64(reading &- last)
    last = reading
  }
}

/// The number of datagrams that the kernel has dropped at one socket since it was opened.
///
/// The kernel counts per socket (`SO_MEMINFO`): datagrams that arrived when the receive buffer was
/// full, and those with a wrong checksum. Safe from any thread, while the socket receives and after
/// it has been closed; then it returns the last count.
package final class DropCounter: Sendable {
  private struct State {
    var descriptor: Int32?
    var tally = DropTally()
  }
  private let state: Locked<State>

  /// Counts for a descriptor, which must stay open until `finish` is called.
  init(watching descriptor: borrowing FileDescriptor) {
    state = Locked(State(descriptor: descriptor.raw))
  }

  /// The number of dropped datagrams. One system call.
  package func read() -> UInt64 {
    state.withLock { Self.read(&$0) }
  }

  /// Takes the last reading. Call it before the descriptor is closed, because its number can be
  /// reused after that.
  func finish() {
    state.withLock {
      _ = Self.read(&$0)
      $0.descriptor = nil
    }
  }

  private static func read(_ state: inout State) -> UInt64 {
    if let descriptor = state.descriptor {
      var words = InlineArray<9, UInt32>(repeating: 0)
      var size = socklen_t(MemoryLayout.size(ofValue: words))
      if unsafe getsockopt(descriptor, SOL_SOCKET, SO_MEMINFO, &words, &size) == 0 {
        state.tally.advance(to: words[Int(SK_MEMINFO_DROPS)])
      }
    }
    return state.tally.total
  }
}

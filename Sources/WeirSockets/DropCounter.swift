// Safety: getsockopt fills a local array of nine words and is told its size.

import CLinux
import Glibc
import WeirBytes

/// Extends the kernel's 32-bit drop count to 64 bits.
///
/// Right for as long as fewer than 2^32 drops lie between two readings.
package struct DropTally: Sendable {
  private var last: UInt32 = 0
  package private(set) var total: UInt64 = 0

  package init() {}

  /// Adds what came since the reading before; a smaller reading means that the count wrapped.
  package mutating func advance(to reading: UInt32) {
    total += UInt64(reading &- last)
    last = reading
  }
}

/// How many datagrams the kernel has thrown away at one socket since it was opened.
///
/// The count is the socket's own (`SO_MEMINFO`): datagrams that found the receive buffer full, and
/// those that failed their checksum. Any thread may ask, also while the socket receives, and after
/// it has closed, when the last count stands.
package final class DropCounter: Sendable {
  private struct State {
    var descriptor: Int32?
    var tally = DropTally()
  }
  private let state: Locked<State>

  /// Watches a descriptor that stays open until `finish` is called.
  init(watching descriptor: borrowing FileDescriptor) {
    state = Locked(State(descriptor: descriptor.raw))
  }

  /// The datagrams dropped so far. One system call.
  package func read() -> UInt64 {
    state.withLock { Self.read(&$0) }
  }

  /// Takes the last reading; must come before the descriptor is closed, for its number is then
  /// anybody's.
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

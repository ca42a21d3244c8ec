import Glibc
import Synchronization

/// Ctrl-C or SIGTERM ends a recording or a replay, which then says what it has done. A second signal ends the
/// process at once.
enum CaptureStop {
  private static let signals: [Int32] = [SIGINT, SIGTERM]
  /// A signal handler may only store a number.
  private static let number = Atomic<Int32>(0)

  /// From now on the first signal is noted, and does not end the process.
  static func prepare() {
    number.store(0, ordering: .relaxed)
    for ending in signals {
      _ = signal(ending) { received in
        CaptureStop.number.store(received, ordering: .relaxed)
        _ = signal(received, SIG_DFL)
      }
    }
  }

  static var isRequested: Bool { number.load(ordering: .relaxed) != 0 }
}

// Safety: pipe2(2) fills an array of two, and read(2) and write(2) stay within arrays during the call.

import CLinux
import Dispatch
import Glibc
import WeirBytes

/// Signals of a command. Each is remembered, and makes `descriptor` readable, so that poll(2) returns.
final class SignalWatch: Sendable {
  /// Becomes readable at a signal, and at `wake`.
  let descriptor: Int32
  private let feed: Int32
  private let seen = Locked<[Int32]>([])

  /// - Throws: `StartError`
  init(_ numbers: [Int32]) async throws {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe2(&ends, O_CLOEXEC | O_NONBLOCK) == 0 else {
      throw StartError(description: "there is no descriptor left; raise the limit on open files")
    }
    (descriptor, feed) = (ends[0], ends[1])
    let queue = DispatchQueue(label: "weir.signals")
    for number in numbers {
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      // Its handler keeps the source until the process ends.
      source.setEventHandler {
        withExtendedLifetime(source) {}
        self.seen.withLock { $0.append(number) }
        self.wake()
      }
      // A source sees signals only after it is registered, which happens on another thread.
      await withCheckedContinuation { registered in
        source.setRegistrationHandler { registered.resume() }
        source.activate()
      }
    }
  }

  /// Makes `descriptor` readable. If the pipe is full, it is readable already.
  func wake() {
    let byte: [UInt8] = [0]
    _ = unsafe Glibc.write(feed, byte, 1)
  }

  /// The signals since the last call.
  func take() -> [Int32] {
    var bytes = [UInt8](repeating: 0, count: 64)
    while unsafe Glibc.read(descriptor, &bytes, bytes.count) > 0 {}
    return seen.withLock { seen in
      defer { seen = [] }
      return seen
    }
  }

  /// Whether there is a signal that `take` has not returned yet.
  var hasAny: Bool { seen.withLock { !$0.isEmpty } }
}

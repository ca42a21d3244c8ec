// Safety: the previous actions are in memory that is allocated once, never freed, and written only
// before the handler of their signal is installed. The handler can interrupt any thread at any
// point. It only reads this memory, calls write(2), sigaction(2) and kill(2), which are
// async-signal-safe, and restores `errno`. Structures are local and initialised before use. read(2)
// and write(2) get one byte of a local value.

import Glibc
import Synchronization

/// Sends the last frames when a signal arrives, and then lets the previous action handle the
/// signal.
///
/// ```text
/// signal ─▶ handler ─▶ pipe ─▶ thread: close or flush all clients,
///                                       restore the previous action, raise the signal again
/// ```
///
/// The previous action is the default one, which ends the process, or a handler of the application.
enum SignalWatch {
  private typealias Handler = @convention(c) (Int32) -> Void

  /// One for each signal number.
  private static let actionsMax = 65
  private static let handler: Handler = { number in SignalWatch.handle(number) }
  /// The address of the previous actions, as a number because a pointer is not Sendable.
  private static let before: UInt = {
    let actions = UnsafeMutablePointer<sigaction>.allocate(capacity: actionsMax)
    unsafe actions.initialize(repeating: sigaction(), count: actionsMax)
    return UInt(bitPattern: actions)
  }()
  /// The end of the pipe to which the handler writes, and the value of `Forks.soFar` when it was
  /// opened. A child process inherits its parent's pipe, which it must not use.
  private static let writeEnd = Atomic<Int32>(-1)
  private static let forks = Atomic<UInt64>(0)

  /// Installs the handler for signals that are not ignored.
  ///
  /// Must not be called by two threads at the same time.
  static func install(_ signals: Set<Configuration.Signal>) {
    guard !signals.isEmpty, startThread() else { return }
    for signal in signals { install(signal.number) }
  }

  private static func install(_ number: Int32) {
    var known = sigaction()
    guard unsafe sigaction(number, nil, &known) == 0, address(of: known) != ignored,
      address(of: known) != ours
    else { return }
    unsafe actionBefore(number).pointee = known
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_handler = handler
    // Interrupted system calls are restarted.
    action.sa_flags = Int32(SA_RESTART)
    _ = unsafe sigaction(number, &action, nil)
  }

  /// Starts the thread that handles signals, once per process.
  private static func startThread() -> Bool {
    if writeEnd.load(ordering: .relaxed) >= 0, forks.load(ordering: .relaxed) == Forks.soFar {
      return true
    }
    var ends: (Int32, Int32) = (-1, -1)
    let status = unsafe withUnsafeMutableBytes(of: &ends) { bytes in
      unsafe pipe(bytes.assumingMemoryBound(to: Int32.self).baseAddress)
    }
    guard status == 0 else { return false }
    let (readEnd, newEnd) = ends
    for end in [readEnd, newEnd] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    // The handler must not block.
    _ = fcntl(newEnd, F_SETFL, O_NONBLOCK)
    guard FlushThread.start({ watch(readEnd) }) else {
      close(readEnd)
      close(newEnd)
      return false
    }
    forks.store(Forks.soFar, ordering: .relaxed)
    writeEnd.store(newEnd, ordering: .releasing)
    return true
  }

  private static func watch(_ readEnd: Int32) {
    while true {
      var number: UInt8 = 0
      let count = unsafe read(readEnd, &number, 1)
      if count == 1 {
        end(Int32(number))
      } else if count == 0 || errno != EINTR {
        return
      }
    }
  }

  /// Closes or flushes all clients, then lets the previous action handle the signal.
  private static func end(_ number: Int32) {
    if unsafe address(of: actionBefore(number).pointee) == defaultAction {
      LiveClients.shared.closeAll()
      // The kernel does not end process 1 (of a container) by a signal without a handler.
      if getpid() == 1 { _exit(128 + number) }
    } else {
      LiveClients.shared.flushAll()
    }
    restoreAndRaise(number)
  }

  private static func restoreAndRaise(_ number: Int32) {
    _ = unsafe sigaction(number, actionBefore(number), nil)
    kill(getpid(), number)
  }

  /// The signal handler: wakes the thread. In a child process without the thread, the previous
  /// action handles the signal.
  private static func handle(_ number: Int32) {
    let errorBefore = errno
    if forks.load(ordering: .relaxed) == Forks.soFar {
      var byte = UInt8(truncatingIfNeeded: number)
      _ = unsafe write(writeEnd.load(ordering: .acquiring), &byte, 1)
    } else {
      restoreAndRaise(number)
    }
    errno = errorBefore
  }

  private static func actionBefore(_ number: Int32) -> UnsafeMutablePointer<sigaction> {
    let actions = unsafe UnsafeMutablePointer<sigaction>(bitPattern: before).unsafelyUnwrapped
    precondition(number >= 0 && number < actionsMax, "invalid signal number")
    return unsafe actions + Int(number)
  }

  private static let defaultAction = UInt(bitPattern: 0)
  private static let ignored = UInt(bitPattern: 1)
  private static var ours: UInt { unsafe unsafeBitCast(handler, to: UInt.self) }

  private static func address(of action: sigaction) -> UInt {
    unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: UInt.self)
  }
}

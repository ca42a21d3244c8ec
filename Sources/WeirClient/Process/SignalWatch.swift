// Safety: the actions that were in force before are in memory that is allocated once, never freed, and
// written only before the handler of their signal is in place. The handler runs on whatever thread the
// signal meets, in the middle of anything: it touches those words, calls write(2), sigaction(2) and
// kill(2), which POSIX allows there, and leaves `errno` as it was. Structures are local and
// initialised before use; read(2) and write(2) get one byte of a local value.

import Glibc
import Synchronization

/// Sends the last frames at signals, and lets these take their course then.
///
/// ```text
/// signal ─▶ handler ─▶ pipe ─▶ thread: close or flush all clients,
///                                       put back what was in force, raise the signal again
/// ```
///
/// What was in force is the default action, which ends the process, or a handler of the application's.
enum SignalWatch {
  private typealias Handler = @convention(c) (Int32) -> Void

  /// One for each number that a signal has.
  private static let actionsMax = 65
  private static let handler: Handler = { number in SignalWatch.take(number) }
  /// The address of the actions that were in force. A pointer is not Sendable, whatever it points to.
  private static let before: UInt = {
    let actions = UnsafeMutablePointer<sigaction>.allocate(capacity: actionsMax)
    unsafe actions.initialize(repeating: sigaction(), count: actionsMax)
    return UInt(bitPattern: actions)
  }()
  /// Where the handler writes to, and after how many forks; the child of a fork has its parent's pipe.
  private static let writeEnd = Atomic<Int32>(-1)
  private static let forks = Atomic<UInt64>(0)

  /// Watches for the signals from now on. One that is ignored stays so.
  ///
  /// Not to be called by two threads at once.
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
    // What waits in the kernel goes on waiting.
    action.sa_flags = Int32(SA_RESTART)
    _ = unsafe sigaction(number, &action, nil)
  }

  /// Starts what acts on signals, once a process.
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
    // A handler never waits.
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

  /// Sends what there is, and lets the signal do what it would have done.
  private static func end(_ number: Int32) {
    if unsafe address(of: actionBefore(number).pointee) == byDefault {
      LiveClients.shared.closeAll()
      // The first process of a container is not ended by a signal that it has no handler for.
      if getpid() == 1 { _exit(128 + number) }
    } else {
      LiveClients.shared.flushAll()
    }
    putBackAndRaise(number)
  }

  private static func putBackAndRaise(_ number: Int32) {
    _ = unsafe sigaction(number, actionBefore(number), nil)
    kill(getpid(), number)
  }

  /// The handler: wakes the thread. In a child of a fork that has none, the signal takes its course.
  private static func take(_ number: Int32) {
    let errorBefore = errno
    if forks.load(ordering: .relaxed) == Forks.soFar {
      var byte = UInt8(truncatingIfNeeded: number)
      _ = unsafe write(writeEnd.load(ordering: .acquiring), &byte, 1)
    } else {
      putBackAndRaise(number)
    }
    errno = errorBefore
  }

  private static func actionBefore(_ number: Int32) -> UnsafeMutablePointer<sigaction> {
    let actions = unsafe UnsafeMutablePointer<sigaction>(bitPattern: before).unsafelyUnwrapped
    precondition(number >= 0 && number < actionsMax)
    return unsafe actions + Int(number)
  }

  private static let byDefault = UInt(bitPattern: 0)
  private static let ignored = UInt(bitPattern: 1)
  private static var ours: UInt { unsafe unsafeBitCast(handler, to: UInt.self) }

  private static func address(of action: sigaction) -> UInt {
    unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: UInt.self)
  }
}

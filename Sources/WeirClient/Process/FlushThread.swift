// Safety: the body is retained for the thread, which takes it over at its start, or released here where
// no thread began. Attributes and masks are local, and initialised before use.

import Glibc

/// Starts the thread that a client flushes from.
///
/// A thread and no Dispatch queue, for Dispatch does not work any more in the child of a fork.
enum FlushThread {
  private final class Body: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Runs `body` on a thread of its own, which takes no signals that are the application's.
  ///
  /// - Returns: false where the system has no thread to give.
  static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    var all = sigset_t()
    var before = sigset_t()
    unsafe sigfillset(&all)
    unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    var thread = pthread_t()
    let box = unsafe Unmanaged.passRetained(Body(body))
    let status = unsafe pthread_create(
      &thread, &attributes,
      { argument in
        if let argument = unsafe argument {
          unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        }
        return nil
      }, box.toOpaque())
    if status != 0 { unsafe box.release() }
    return status == 0
  }
}

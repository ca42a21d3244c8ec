// Safety: readlink(2) writes no more bytes than the array has, and only during the call.

import Glibc

/// Whether `/proc` shows this process, which Dispatch needs.
///
/// When work waits for a thread, Dispatch opens `/proc/<thread>/stat` of each of its threads. Where that
/// fails it ends the process, after seconds or hours and without a message: see
/// `_dispatch_workq_count_runnable_workers` in `src/event/workqueue.c` of swift-corelibs-libdispatch.
enum OwnProcess {
  /// Why Weir cannot run here; nil if it can.
  static func fault() -> String? {
    // In another PID namespace than the one that /proc was mounted in, it shows other processes.
    if identifier() == getpid() { return nil }
    return
      "/proc does not show this process, and without it Swift's runtime ends Weir sooner or later; mount "
      + "it where Weir runs: mount -t proc proc /proc"
  }

  /// What `/proc/self` says; nil if there is none.
  private static func identifier() -> pid_t? {
    var target = [UInt8](repeating: 0, count: 32)
    let length = unsafe readlink("/proc/self", &target, target.count)
    guard length > 0 else { return nil }
    return pid_t(String(decoding: target.prefix(length), as: UTF8.self))
  }
}

import Dispatch
import Glibc

/// Calls back at every SIGHUP, which does not end the process.
struct HangupSignal {
  private let source: any DispatchSourceSignal

  /// After this returns, no hangup is missed.
  init(_ hangup: @escaping @Sendable () -> Void) async {
    signal(SIGHUP, SIG_IGN)
    let source = DispatchSource.makeSignalSource(
      signal: SIGHUP, queue: DispatchQueue(label: "weir.hangup"))
    source.setEventHandler { hangup() }
    await withCheckedContinuation { registered in
      source.setRegistrationHandler { registered.resume() }
      source.activate()
    }
    self.source = source
  }

  func cancel() {
    source.cancel()
  }
}

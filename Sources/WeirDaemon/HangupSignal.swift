import Dispatch
import Glibc
import Synchronization

/// Calls back at every SIGHUP, which does not end the process.
struct HangupSignal {
  private let source: any DispatchSourceSignal

  /// Whether a hangup came before there was somebody to call.
  private static let early = Atomic<Bool>(false)

  /// From here on a hangup is remembered, and does not end the process: files may take long to load.
  static func hold() {
    signal(SIGHUP) { _ in HangupSignal.early.store(true, ordering: .relaxed) }
  }

  /// After this returns, no hangup is missed. One that was held is called back for at once.
  init(_ hangup: @escaping @Sendable () -> Void) async {
    Self.hold()
    let source = DispatchSource.makeSignalSource(
      signal: SIGHUP, queue: DispatchQueue(label: "weir.hangup"))
    source.setEventHandler { hangup() }
    await withCheckedContinuation { registered in
      source.setRegistrationHandler { registered.resume() }
      source.activate()
    }
    if Self.early.exchange(false, ordering: .relaxed) { hangup() }
    self.source = source
  }

  func cancel() {
    source.cancel()
  }
}

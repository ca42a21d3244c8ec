import Dispatch

/// A Dispatch source for one direction of a descriptor, which can be switched on and off.
///
/// Dispatch stops the program when a suspended source is let go, and keeps a cancelled one from
/// reporting while it is suspended; this type knows which it is. Confined to the source's queue.
final class ReadinessSource {
  private let source: any DispatchSourceProtocol
  private(set) var isArmed = false
  private var isCancelled = false

  /// A source that is off. The descriptor must stay open until `cancelled` was called.
  init(
    _ source: any DispatchSourceProtocol, ready: @escaping @Sendable () -> Void,
    cancelled: @escaping @Sendable () -> Void
  ) {
    self.source = source
    source.setEventHandler(handler: ready)
    source.setCancelHandler(handler: cancelled)
  }

  func arm() {
    guard !isArmed, !isCancelled else { return }
    isArmed = true
    source.resume()
  }

  func disarm() {
    guard isArmed, !isCancelled else { return }
    isArmed = false
    source.suspend()
  }

  /// Ends the reports; `cancelled` is called once, later.
  func cancel() {
    guard !isCancelled else { return }
    arm()
    isCancelled = true
    source.cancel()
  }
}

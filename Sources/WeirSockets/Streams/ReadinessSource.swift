import Dispatch

/// A Dispatch source for one direction of a descriptor that can be switched on and off.
///
/// Dispatch ends the program if a suspended source is released, and does not call the cancel
/// handler of a source while it is suspended. This type tracks the state so that neither happens.
/// Confined to the source's queue.
package final class ReadinessSource {
  private let source: any DispatchSourceProtocol
  package private(set) var isArmed = false
  private var isCancelled = false

  /// A source that is switched off. The descriptor must stay open until `cancelled` has been
  /// called.
  package init(
    _ source: any DispatchSourceProtocol, ready: @escaping @Sendable () -> Void,
    cancelled: @escaping @Sendable () -> Void
  ) {
    self.source = source
    source.setEventHandler(handler: ready)
    source.setCancelHandler(handler: cancelled)
  }

  package func arm() {
    guard !isArmed, !isCancelled else { return }
    isArmed = true
    source.resume()
  }

  package func disarm() {
    guard isArmed, !isCancelled else { return }
    isArmed = false
    source.suspend()
  }

  /// Cancels the source; `cancelled` is called once, later.
  ///
  /// A source that is off is switched on after it is cancelled, so that Dispatch does not begin to watch the descriptor
  /// only to end that at once. Before that, a server has ended once at a trap in Dispatch's end of a source; that this
  /// was the cause is a guess.
  package func cancel() {
    guard !isCancelled else { return }
    isCancelled = true
    source.cancel()
    guard !isArmed else { return }
    isArmed = true
    source.resume()
  }
}

// Safety: a box is retained once when its address is stored in the slot, and released once by the
// thread that takes it out. Taking is an atomic exchange, so only one thread gets it.

import Synchronization

/// An exemplar: a recorded value with labels that identify its origin.
struct HeldExemplar: Sendable {
  var labels: [String: String]
  var value: Double
  /// The time of the client's monotonic clock.
  var atNanoseconds: UInt64
}

/// The exemplar of a series in the current flush interval. Further exemplars are dropped while it
/// is full.
///
/// It uses no lock, because a thread could hold it during a fork.
@safe
struct ExemplarSlot: ~Copyable, Sendable {
  private final class Box: Sendable {
    let exemplar: HeldExemplar

    init(_ exemplar: HeldExemplar) { self.exemplar = exemplar }
  }

  private let held = unsafe Atomic<Unmanaged<Box>?>(nil)

  deinit {
    if let box = unsafe held.load(ordering: .acquiring) { unsafe box.release() }
  }

  var isEmpty: Bool { unsafe held.load(ordering: .relaxed) == nil }

  /// Stores an exemplar if the slot is empty.
  func offer(_ exemplar: HeldExemplar) {
    let box = unsafe Unmanaged.passRetained(Box(exemplar))
    let (exchanged, _) = unsafe held.compareExchange(
      expected: nil, desired: box, ordering: .acquiringAndReleasing)
    if !exchanged { unsafe box.release() }
  }

  /// Removes and returns the exemplar.
  func take() -> HeldExemplar? {
    guard let box = unsafe held.exchange(nil, ordering: .acquiringAndReleasing) else { return nil }
    return unsafe box.takeRetainedValue().exemplar
  }

  func clear() { _ = take() }
}

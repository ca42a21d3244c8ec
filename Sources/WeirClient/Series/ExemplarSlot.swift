// Safety: a box is retained once when its address goes into the slot, and released once by whoever
// takes the address out. Taking is an atomic exchange, so that nobody else has it then.

import Synchronization

/// An observation that was picked out, with labels that lead to it.
struct HeldExemplar: Sendable {
  var labels: [String: String]
  var value: Double
  /// By the client's own clock.
  var atNanoseconds: UInt64
}

/// Room for one exemplar of a series, from one flush to the next.
///
/// That the room is taken is what limits them. It has no lock, which a thread may hold when the process
/// forks.
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

  /// Whether there is room for one.
  var isEmpty: Bool { unsafe held.load(ordering: .relaxed) == nil }

  /// Keeps an exemplar where there is none yet.
  func offer(_ exemplar: HeldExemplar) {
    let box = unsafe Unmanaged.passRetained(Box(exemplar))
    let (exchanged, _) = unsafe held.compareExchange(
      expected: nil, desired: box, ordering: .acquiringAndReleasing)
    if !exchanged { unsafe box.release() }
  }

  /// The exemplar, and room for another.
  func take() -> HeldExemplar? {
    guard let box = unsafe held.exchange(nil, ordering: .acquiringAndReleasing) else { return nil }
    return unsafe box.takeRetainedValue().exemplar
  }

  func clear() { _ = take() }
}

/// A total that only grows. Get one from ``Client/counter(_:labels:unit:help:)`` and keep it.
public struct Counter: Sendable {
  let cell: CounterCell
  let core: Core

  /// Adds an amount: some nanoseconds, no allocation, never a wait.
  ///
  /// One that is negative or not finite is dropped, and counted in `push_client_values_dropped_total`.
  public func increment(by amount: Double = 1) {
    guard amount >= 0, amount < .infinity else { return core.drop() }
    cell.add(amount)
  }

  /// Adds an amount, and keeps what leads to it where none of this second is kept yet.
  ///
  /// - Parameter exemplar: Such as `["trace_id": id]`; made only when there is room for it. Those of
  ///   more than 128 characters are left out, as OpenMetrics has it.
  public func increment(by amount: Double = 1, exemplar: @autoclosure () -> [String: String]) {
    guard amount >= 0, amount < .infinity else { return core.drop() }
    cell.add(amount)
    if cell.exemplar.isEmpty { core.offer(exemplar(), of: amount, to: cell.exemplar) }
  }

  /// All that was added so far in this process.
  public var total: Double { cell.total }
}

extension Core {
  /// Counts a value that can't be recorded.
  @inline(never)
  func drop() { tally.valuesDropped.add(1) }

  @inline(never)
  func offer(_ labels: [String: String], of value: Double, to slot: borrowing ExemplarSlot) {
    let characters = labels.reduce(0) {
      $0 + $1.key.unicodeScalars.count + $1.value.unicodeScalars.count
    }
    guard characters <= Core.exemplarCharactersMax else { return }
    slot.offer(
      HeldExemplar(
        labels: labels, value: value, atNanoseconds: environment.clock.nanoseconds()))
  }

  /// Of all names and values of an exemplar's labels together; OpenMetrics 1.0.
  static let exemplarCharactersMax = 128
}

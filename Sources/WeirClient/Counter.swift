/// A total that only grows. Create it with ``Client/counter(_:labels:unit:help:)`` and keep it.
public struct Counter: Sendable {
  let cell: CounterCell
  let core: Core

  /// Adds an amount: a few nanoseconds, no allocation, never blocks.
  ///
  /// A negative or non-finite amount is dropped and counted in `push_client_values_dropped_total`.
  public func increment(by amount: Double = 1) {
    guard cell.gate.accepts(amount) else { return core.countDropped(amount) }
    cell.add(amount)
  }

  /// Adds an amount with an exemplar. One exemplar is kept per flush interval, the first.
  ///
  /// - Parameter exemplar: Labels such as `["trace_id": id]`; only evaluated if there is no
  ///   exemplar yet. Exemplars of more than 128 characters are discarded (the limit of
  ///   OpenMetrics).
  public func increment(by amount: Double = 1, exemplar: @autoclosure () -> [String: String]) {
    guard cell.gate.accepts(amount) else { return core.countDropped(amount) }
    cell.add(amount)
    if cell.exemplar.isEmpty { core.offer(exemplar(), of: amount, to: cell.exemplar) }
  }

  /// The total in this process.
  public var total: Double { cell.total }

  /// Makes room for another series and stops repeating this one to Weir.
  ///
  /// A total never falls: Weir shows it while this process runs, and a new handle for the same name
  /// and labels continues from it. Amounts that are added with this handle still count.
  public func remove() { core.remove(.counter(cell)) }

  /// Runs `body` and adds 1 if it throws an error that should be counted.
  ///
  /// ```swift
  /// let reply = try failures.countErrors(where: { !($0 is CancellationError) }) { try ask() }
  /// ```
  public func countErrors<Result, Failure: Error>(
    where isCounted: (Failure) -> Bool = { _ in true }, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    do throws(Failure) {
      return try body()
    } catch {
      if isCounted(error) { increment() }
      throw error
    }
  }

  /// Runs `body` and adds 1 if it throws an error that should be counted.
  public func countErrors<Result, Failure: Error>(
    isolation: isolated (any Actor)? = #isolation,
    where isCounted: (Failure) -> Bool = { _ in true },
    _ body: () async throws(Failure) -> Result
  ) async throws(Failure) -> Result {
    do throws(Failure) {
      return try await body()
    } catch {
      if isCounted(error) { increment() }
      throw error
    }
  }
}

extension Core {
  /// Counts an amount that was not recorded, because it is invalid or the client is closed.
  @inline(never)
  func countDropped(_ amount: Double) {
    (amount >= 0 && amount < .infinity ? tally.recordedAfterClose : tally.valuesDropped).add(1)
  }

  /// Counts a gauge's value that was not recorded.
  @inline(never)
  func countDropped(signed value: Double) {
    (value.isFinite ? tally.recordedAfterClose : tally.valuesDropped).add(1)
  }

  /// Stores an exemplar in `slot` if it is empty and the labels are not too long.
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

  /// Characters of all label names and values of an exemplar together (OpenMetrics 1.0).
  static let exemplarCharactersMax = 128
}

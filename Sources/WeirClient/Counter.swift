/// A total that only grows. Get one from ``Client/counter(_:labels:unit:help:)`` and keep it.
public struct Counter: Sendable {
  let cell: CounterCell
  let core: Core

  /// Adds an amount: some nanoseconds, no allocation, never a wait.
  ///
  /// One that is negative or not finite is dropped, and counted in `push_client_values_dropped_total`.
  public func increment(by amount: Double = 1) {
    guard cell.gate.admits(amount) else { return core.refuse(amount) }
    cell.add(amount)
  }

  /// Adds an amount, and keeps what leads to it where none of this second is kept yet.
  ///
  /// - Parameter exemplar: Such as `["trace_id": id]`; made only when there is room for it. Those of
  ///   more than 128 characters are left out, as OpenMetrics has it.
  public func increment(by amount: Double = 1, exemplar: @autoclosure () -> [String: String]) {
    guard cell.gate.admits(amount) else { return core.refuse(amount) }
    cell.add(amount)
    if cell.exemplar.isEmpty { core.offer(exemplar(), of: amount, to: cell.exemplar) }
  }

  /// All that was added so far in this process.
  public var total: Double { cell.total }

  /// Frees the place of this series for another, and repeats it to Weir no more.
  ///
  /// A total never falls: Weir shows it for as long as this process lives, and who asks for the same
  /// name and labels again goes on from it. What is added by this handle meanwhile counts too.
  public func remove() { core.remove(.counter(cell)) }

  /// Runs `body`, and adds 1 where it throws an error that is to be counted.
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

  /// Runs `body`, and adds 1 where it throws an error that is to be counted.
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
  /// Counts an amount that a series did not take: it can't be recorded, or the client is closed.
  @inline(never)
  func refuse(_ amount: Double) {
    (amount >= 0 && amount < .infinity ? tally.recordedAfterClose : tally.valuesDropped).add(1)
  }

  /// Counts a gauge's value that it did not take.
  @inline(never)
  func refuse(signed value: Double) {
    (value.isFinite ? tally.recordedAfterClose : tally.valuesDropped).add(1)
  }

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

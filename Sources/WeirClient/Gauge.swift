import WeirMetrics

/// A value that can rise and fall. Create it with ``Client/gauge(_:merge:labels:unit:help:)`` and
/// keep it.
public struct Gauge: Sendable {
  /// How Weir combines the values of several processes.
  public enum Merge: Sendable, Hashable, CaseIterable {
    /// The value that was set last. Setting an equal value counts as setting.
    case last
    case sum, min, max
    /// The arithmetic mean.
    case avg

    var wire: GaugeMerge {
      switch self {
      case .last: .last
      case .sum: .sum
      case .min: .min
      case .max: .max
      case .avg: .avg
      }
    }
  }

  let cell: GaugeCell
  let core: Core

  /// Sets the value: one or two nanoseconds. A non-finite value is dropped and counted.
  public func set(_ value: Double) {
    guard cell.gate.accepts(signed: value) else { return core.countDropped(signed: value) }
    cell.set(value)
  }

  /// Adds a change, which may be negative, to the value, or to 0 if there is no value.
  public func add(_ change: Double) {
    guard cell.gate.accepts(signed: change) else { return core.countDropped(signed: change) }
    if !cell.add(change) { core.tally.valuesDropped.add(1) }
  }

  /// Sets the value to the current time in seconds since 1970, with millisecond resolution.
  public func setToCurrentTime() {
    set(Double(core.environment.clock.wallMilliseconds()) / 1_000)
  }

  /// Sets a function that provides the value before each flush, until the gauge is removed, the
  /// client is closed or the function is replaced. Nil removes the function and keeps the value.
  ///
  /// - Parameter read: Runs on the client's thread, so it should be fast and not block. A
  ///   non-finite result is dropped and counted. An unchanged result does not count as setting.
  public func setFunction(_ read: (@Sendable () -> Double)?) {
    core.withRegistry { $0.setFunction(of: cell, read) }
  }

  /// Adds 1 while `body` runs.
  public func trackInProgress<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    add(1)
    defer { add(-1) }
    return try body()
  }

  /// Adds 1 while `body` runs.
  public func trackInProgress<Result, Failure: Error>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws(Failure) -> Result
  ) async throws(Failure) -> Result {
    add(1)
    defer { add(-1) }
    return try await body()
  }

  /// Removes the gauge's value from Weir until it is set again, and makes room for another series.
  public func remove() { core.remove(.gauge(cell)) }

  /// The value; nil if it was never set or has been removed.
  public var value: Double? { cell.value.flatMap { $0.isNaN ? nil : $0 } }
}

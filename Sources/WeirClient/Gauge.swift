import WeirMetrics

/// A value that goes up and down. Get one from ``Client/gauge(_:merge:labels:unit:help:)`` and keep it.
public struct Gauge: Sendable {
  /// What Weir shows where several processes set the same series.
  public enum Merge: Sendable, Hashable, CaseIterable {
    /// The value that was set last. Setting the same value again is a new setting.
    case last
    case sum, min, max
    /// The mean.
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

  /// Sets the value: a nanosecond or two. One that is not finite is dropped, and counted.
  public func set(_ value: Double) {
    guard cell.gate.admits(signed: value) else { return core.refuse(signed: value) }
    cell.set(value)
  }

  /// Adds a change, which may be negative, to the value, or to 0 where there is none.
  public func add(_ change: Double) {
    guard cell.gate.admits(signed: change) else { return core.refuse(signed: change) }
    if !cell.add(change) { core.tally.valuesDropped.add(1) }
  }

  /// Sets the value to the seconds since 1970, to the millisecond: when something was done last.
  public func setToCurrentTime() {
    set(Double(core.environment.clock.wallMilliseconds()) / 1_000)
  }

  /// Reads the value before each flush, until the gauge is removed, the client is closed, or another
  /// function is given; nil ends it, and leaves the value.
  ///
  /// - Parameter read: Runs on the client's own thread, so let it be quick and wait for nobody. A
  ///   result that is not finite is dropped, and counted. The same as before is no new setting.
  public func setFunction(_ read: (@Sendable () -> Double)?) {
    core.withRegistry { $0.setFunction(of: cell, read) }
  }

  /// Runs `body`, and is one more meanwhile.
  public func trackInProgress<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    add(1)
    defer { add(-1) }
    return try body()
  }

  /// Runs `body`, and is one more meanwhile.
  public func trackInProgress<Result, Failure: Error>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws(Failure) -> Result
  ) async throws(Failure) -> Result {
    add(1)
    defer { add(-1) }
    return try await body()
  }

  /// Takes the gauge away until it is set again, and frees the place of this series for another.
  public func remove() { core.remove(.gauge(cell)) }

  /// The value; nil where there is none.
  public var value: Double? { cell.value.flatMap { $0.isNaN ? nil : $0 } }
}

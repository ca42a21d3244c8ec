/// Observations, counted by size. Get one from ``Client/histogram(_:bounds:labels:unit:help:)`` and
/// keep it.
public struct Histogram: Sendable {
  let cell: HistogramCell
  let core: Core

  /// Counts a value: some nanoseconds, no allocation, never a wait.
  ///
  /// One that is not finite is dropped, and counted; so is a negative one, for with it the sum
  /// would fall, which Prometheus takes for a restart.
  public func observe(_ value: Double) {
    guard value >= 0, value < .infinity else { return core.drop() }
    cell.observe(value)
  }

  /// Counts a value, and keeps what leads to it where none of this second is kept yet.
  ///
  /// - Parameter exemplar: Such as `["trace_id": id]`; made only when there is room for it. Those of
  ///   more than 128 characters are left out, as OpenMetrics has it.
  public func observe(_ value: Double, exemplar: @autoclosure () -> [String: String]) {
    guard value >= 0, value < .infinity else { return core.drop() }
    cell.observe(value)
    if cell.exemplar.isEmpty { core.offer(exemplar(), of: value, to: cell.exemplar) }
  }

  /// How many values were observed so far in this process.
  public var count: Double { cell.totals.count }

  /// The sum of these values.
  public var sum: Double { cell.totals.sum }
}

import WeirMetrics
import WeirPush

/// Observed values, counted in buckets. Create it with
/// ``Client/histogram(_:bounds:labels:unit:help:)`` and keep it.
public struct Histogram: Sendable {
  let cell: HistogramCell
  let core: Core

  /// Records a value: a few nanoseconds, no allocation, never blocks.
  ///
  /// A non-finite value is dropped and counted. So is a negative one, because it would make the sum
  /// fall, which Prometheus interprets as a restart.
  public func observe(_ value: Double) {
    guard cell.gate.accepts(value) else { return core.countDropped(value) }
    cell.observe(value)
  }

  /// Records a value with an exemplar. One exemplar is kept per flush interval, the first.
  ///
  /// - Parameter exemplar: Labels such as `["trace_id": id]`; only evaluated if there is no
  ///   exemplar yet. Exemplars of more than 128 characters are discarded (the limit of
  ///   OpenMetrics).
  public func observe(_ value: Double, exemplar: @autoclosure () -> [String: String]) {
    guard cell.gate.accepts(value) else { return core.countDropped(value) }
    cell.observe(value)
    if cell.exemplar.isEmpty { core.offer(exemplar(), of: value, to: cell.exemplar) }
  }

  /// The number of values recorded in this process.
  public var count: Double { cell.totals.count }

  /// The sum of these values.
  public var sum: Double { cell.totals.sum }

  /// Makes room for another series and stops repeating this one to Weir; see ``Counter/remove()``.
  public func remove() { core.remove(.histogram(cell)) }

  /// Bounds at a constant distance, such as 10, 20, 30.
  ///
  /// - Precondition: `step` is above 0, and `count` is 1 to 200.
  public static func linearBounds(from first: Double, step: Double, count: Int) -> [Double] {
    precondition(step > 0, "the step between bounds must be above 0")
    precondition(boundsRange.contains(count), "a histogram must have 1 to 200 bounds")
    return (0..<count).map { first + Double($0) * step }
  }

  /// Bounds that are each `factor` times the previous one, such as 1, 10, 100.
  ///
  /// - Precondition: `first` is above 0, `factor` is above 1, and `count` is 1 to 200.
  public static func exponentialBounds(
    from first: Double, factor: Double, count: Int
  ) -> [Double] {
    precondition(first > 0, "the first exponential bound must be above 0")
    precondition(factor > 1, "the factor between bounds must be above 1")
    precondition(boundsRange.contains(count), "a histogram must have 1 to 200 bounds")
    var bounds = [first]
    while bounds.count < count { bounds.append(bounds[bounds.count - 1] * factor) }
    return bounds
  }
}

extension Histogram {
  static let boundsRange = 1...PushFormat.boundsMax

  /// Checks bounds. An infinite last bound is removed, because every histogram has it.
  static func layout(
    _ bounds: [Double]?, of name: String
  ) throws(DefinitionError) -> HistogramBounds {
    guard var upper = bounds else { return .standard }
    if upper.last == .infinity { upper.removeLast() }
    guard upper.allSatisfy(\.isFinite), zip(upper, upper.dropFirst()).allSatisfy(<) else {
      throw DefinitionError(
        description: "the bounds of \(name) are \(upper); use finite bounds in ascending order")
    }
    guard boundsRange.contains(upper.count) else {
      throw DefinitionError(
        description: "\(name) has \(upper.count) bounds; use 1 to \(boundsRange.upperBound)")
    }
    return HistogramBounds(upper: upper)
  }
}

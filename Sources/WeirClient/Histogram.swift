import WeirMetrics
import WeirPush

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
    guard cell.gate.admits(value) else { return core.refuse(value) }
    cell.observe(value)
  }

  /// Counts a value, and keeps what leads to it where none of this second is kept yet.
  ///
  /// - Parameter exemplar: Such as `["trace_id": id]`; made only when there is room for it. Those of
  ///   more than 128 characters are left out, as OpenMetrics has it.
  public func observe(_ value: Double, exemplar: @autoclosure () -> [String: String]) {
    guard cell.gate.admits(value) else { return core.refuse(value) }
    cell.observe(value)
    if cell.exemplar.isEmpty { core.offer(exemplar(), of: value, to: cell.exemplar) }
  }

  /// How many values were observed so far in this process.
  public var count: Double { cell.totals.count }

  /// The sum of these values.
  public var sum: Double { cell.totals.sum }

  /// Frees the place of this series for another, and repeats it to Weir no more; see
  /// ``Counter/remove()``.
  public func remove() { core.remove(.histogram(cell)) }

  /// Bounds that are as far apart as `step`, such as 10, 20, 30.
  ///
  /// - Precondition: a step above 0, and 1 to 200 bounds.
  public static func linearBounds(from first: Double, step: Double, count: Int) -> [Double] {
    precondition(step > 0, "the step between bounds is above 0")
    precondition(boundsRange.contains(count), "a histogram has 1 to 200 bounds")
    return (0..<count).map { first + Double($0) * step }
  }

  /// Bounds of which each is `factor` times the one before, such as 1, 10, 100.
  ///
  /// - Precondition: a first bound above 0, a factor above 1, and 1 to 200 bounds.
  public static func exponentialBounds(
    from first: Double, factor: Double, count: Int
  ) -> [Double] {
    precondition(first > 0, "the first of exponential bounds is above 0")
    precondition(factor > 1, "the factor between bounds is above 1")
    precondition(boundsRange.contains(count), "a histogram has 1 to 200 bounds")
    var bounds = [first]
    while bounds.count < count { bounds.append(bounds[bounds.count - 1] * factor) }
    return bounds
  }
}

extension Histogram {
  static let boundsRange = 1...PushFormat.boundsMax

  /// Bounds as they are worked with; a last one that is infinite is every histogram's anyway.
  static func layout(
    _ bounds: [Double]?, of name: String
  ) throws(DefinitionError) -> HistogramBounds {
    guard var upper = bounds else { return .standard }
    if upper.last == .infinity { upper.removeLast() }
    guard upper.allSatisfy(\.isFinite), zip(upper, upper.dropFirst()).allSatisfy(<) else {
      throw DefinitionError(
        description: "the bounds of \(name) are \(upper); write finite ones that ascend")
    }
    guard boundsRange.contains(upper.count) else {
      throw DefinitionError(
        description: "\(name) has \(upper.count) bounds; write 1 to \(boundsRange.upperBound)")
    }
    return HistogramBounds(upper: upper)
  }
}

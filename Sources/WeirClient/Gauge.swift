import WeirMetrics

/// A value that goes up and down. Get one from ``Client/gauge(_:merge:labels:unit:help:)`` and keep it.
public struct Gauge: Sendable {
  /// What Weir shows where several processes set the same series.
  public enum Merge: Sendable, Hashable, CaseIterable {
    /// The value that was sent last.
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
    guard value.isFinite else { return core.drop() }
    cell.set(value)
  }

  /// Adds a change, which may be negative, to the value, or to 0 where there is none.
  public func add(_ change: Double) {
    guard change.isFinite, cell.add(change) else { return core.drop() }
  }

  /// Takes the gauge away, until it is set again.
  public func remove() { cell.remove() }

  /// The value; nil where there is none.
  public var value: Double? { cell.value.flatMap { $0.isNaN ? nil : $0 } }
}

/// The type of a metric. A name has one kind at a time.
///
/// Every line uses it. So its number and its equality are written out, because those that the
/// compiler derives are calls into this module.
@usableFromInline
package enum MetricKind: Sendable, BitwiseCopyable, CaseIterable, Hashable {
  /// A total that only grows.
  case counter
  /// A value that goes up and down.
  case gauge
  /// Observations counted by bucket.
  case histogram
  /// The number of distinct members seen; exposed as a gauge.
  case set

  /// The word for it in Weir's own metrics and log.
  package var label: StaticString {
    switch self {
    case .counter: "counter"
    case .gauge: "gauge"
    case .histogram: "histogram"
    case .set: "set"
    }
  }

  /// A small number: 0, 1, 2 and so on.
  @inlinable
  package var index: Int {
    switch self {
    case .counter: 0
    case .gauge: 1
    case .histogram: 2
    case .set: 3
    }
  }

  @inlinable
  package static func == (left: MetricKind, right: MetricKind) -> Bool {
    left.index == right.index
  }
}

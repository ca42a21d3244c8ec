import WeirAggregation
import WeirBytes

/// The series that scrapes and pages show, and the instances that pushed them.
///
/// They are those that this Weir has counted. In a cluster they are those of the view, which is another one after
/// the node had to load a state again.
final class ShownSeries: Sendable {
  struct Parts: Sendable {
    var aggregator: Aggregator
    var owners: Owners
  }

  private let state: Locked<Parts>

  init(_ aggregator: Aggregator, _ owners: Owners) {
    state = Locked(Parts(aggregator: aggregator, owners: owners))
  }

  var parts: Parts { state.withLock { $0 } }
  var aggregator: Aggregator { parts.aggregator }
  var owners: Owners { parts.owners }

  func replace(_ aggregator: Aggregator, _ owners: Owners) {
    state.withLock { $0 = Parts(aggregator: aggregator, owners: owners) }
  }
}

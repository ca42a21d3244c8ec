import WeirAggregation
import WeirBytes
import WeirCluster
import WeirClusterView
import WeirConfiguration
import WeirMetrics

/// Makes the views of one log: all have its name and its key, each has the options of its place in the log.
struct ViewMaker: Sendable {
  /// Names the log, also where another one had the same name before.
  let stream: String
  let key: KeyStream

  /// - Parameter identity: Of the log, as its bounds tell it.
  init(stream: String, identity: String, key: KeyStream) {
    self.stream = "\(stream) \(identity)"
    self.key = key
  }

  /// - Throws: Where another version of Weir knows flags that this one does not.
  func settings(_ options: ClusterOptions) throws(UsageError) -> ClusterView.Settings {
    let view = try options.options().view
    return ClusterView.Settings(
      stream: stream, options: options.text, key: key, owners: view.owners
    ) { second, unixSeconds in
      Aggregator(view, startSecond: second, unixSeconds: unixSeconds)
    }
  }

  /// The view of a state of this log.
  func view(of saved: ClusterView.Saved) throws -> ClusterView {
    let options = ClusterOptions(text: saved.place?.options ?? "")
    return try ClusterView.restored(try settings(options), from: saved)
  }
}

extension Aggregator {
  /// The aggregator of a view. Mapping rules change names where lines come in, not here.
  fileprivate convenience init(
    _ view: Options.View, startSecond: UInt32, unixSeconds: @escaping @Sendable () -> UInt32
  ) {
    self.init(
      rules: view.rules, limits: view.limits, names: view.names,
      zeroFirstSeconds: view.zeroFirstSeconds, startSecond: startSecond,
      unixSeconds: unixSeconds)
    for family in ProcessFamily.all { reserve(family.name, kind: family.kind) }
  }
}

import WeirAggregation
import WeirCluster
import WeirClusterView
import WeirMetrics

/// Begins a log with a state that was written elsewhere: for `weir cluster seed` and `weir cluster reset`.
struct ClusterBeginning {
  let log: any OrderedLog
  let states: ClusterStates
  let stream: String

  /// What the log begins with.
  struct Begun {
    let maker: ViewMaker
    let bytes: [UInt8]
    let series: Int

    func view() throws -> ClusterView { try maker.view(of: .init(bytes)) }
  }

  private static let milliseconds = 10_000

  /// Puts the state into the store, and then says so in the metadata of the log, so that nodes begin with it.
  ///
  /// - Parameter loss: What of the state does not fit under the options.
  func put(
    _ saved: ClusterView.Saved, _ options: ClusterOptions, _ bounds: LogBounds,
    _ record: ClusterRecord, _ loss: inout ClusterLoss
  ) throws -> Begun {
    let maker = ViewMaker(stream: stream, identity: bounds.identity, key: saved.key)
    var view = try ClusterView.converted(
      maker.settings(options), from: saved, sequence: 0, &loss)
    let bytes = view.state()
    try states.putFirst(bytes)
    var record = record
    (record.key, record.options, record.before) = (saved.key, options, nil)
    record.begin = .state
    try log.updateMetadata(record.metadata, milliseconds: ClusterBeginning.milliseconds)
    let counts = view.aggregator.counts()
    return Begun(
      maker: maker, bytes: bytes, series: MetricKind.allCases.reduce(0) { $0 + counts.series($1) })
  }
}

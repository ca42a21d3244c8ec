import WeirInsight

/// Which things of a pipeline's batches are sampled next.
struct WatchTurns: Sendable {
  var series = SampleTurns()
  var messages = SampleTurns()
  var refusedLines = SampleTurns()
  private var version = -1

  /// Takes over strides that have changed.
  mutating func update(from sample: TrafficSample) {
    let version = sample.stridesVersion
    guard version != self.version else { return }
    self.version = version
    let strides = sample.strides
    if series.stride != strides.series { series.restart(stride: strides.series) }
    if messages.stride != strides.messages { messages.restart(stride: strides.messages) }
    if refusedLines.stride != strides.refusedLines {
      refusedLines.restart(stride: strides.refusedLines)
    }
  }
}

import WeirAggregation
import WeirConfiguration

/// What the pipelines of all listeners share.
struct PipelineParts: Sendable {
  let options: Options.StatsD
  let aggregator: Aggregator
  let pushed: Pushed
  let refused: RefusedLines
  /// Nil where the log shows no accepted lines.
  let accepted: AcceptedLines?
  /// Nil without a state.
  let keeper: StateKeeper?
  /// Nil where lines are not relayed.
  let relay: LineRelay?
  let traffic: Traffic
  let taps: TapDesk
  let log: Log

  /// A pipeline of its own for one receiver.
  ///
  /// - Parameter listener: The address or path of its listener as written.
  func pipeline(
    at listener: String, _ filter: ListenerFilter, _ meter: IngestMeter,
    answers: LaterAnswers? = nil
  ) -> IngestPipeline {
    IngestPipeline(
      aggregator: aggregator, options: options.lines(at: listener), admission: filter,
      pushed: pushed, meter: meter, refused: refused, accepted: accepted, answers: answers,
      relay: relay, watch: PipelineWatch(traffic, taps), log: log, now: Log.wallClock)
  }
}

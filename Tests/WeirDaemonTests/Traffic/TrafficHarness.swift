import Synchronization
import WeirAggregation
import WeirConfiguration
import WeirMetrics
import WeirPush
import WeirSockets
import WeirWire

@testable import WeirDaemon

/// A clock that a test moves.
final class MovedClock: Sendable {
  private let seconds = Mutex(0.0)

  var now: Double { seconds.withLock { $0 } }

  func advance(by some: Double) { seconds.withLock { $0 += some } }
}

/// A pipeline that can be watched, with a clock of the test for what is sampled.
struct TrafficHarness: ~Copyable {
  let clock: MovedClock
  let traffic: Traffic
  let taps: TapDesk
  let watch: PipelineWatch
  private var pipeline: IngestPipeline

  init(networks: SourceNetworks = SourceNetworks()) {
    let (clock, watch, aggregator) = (MovedClock(), Watch(), Aggregator())
    self.clock = clock
    traffic = Traffic(watch: watch, aggregator: aggregator) { clock.now }
    taps = TapDesk(watch: watch)
    self.watch = PipelineWatch(traffic, taps)
    pipeline = IngestPipeline(
      aggregator: aggregator, options: StatsDOptions(),
      admission: ListenerFilter(networks: networks),
      pushed: Pushed(aggregator: aggregator, limits: OwnerLimits()), meter: IngestMeter(),
      refused: RefusedLines(), watch: self.watch,
      log: Log(level: .error, format: .logfmt), now: { PipelineHarness.time })
  }

  mutating func ingest(_ messages: Messages) { pipeline.ingest(messages) }

  /// Takes in lines as one message.
  mutating func ingest(_ text: String, from source: MessageSource = .named("memory")) {
    pipeline.ingest(Messages([(text, source)]))
  }

  /// Lets a second pass, and takes in what was sampled.
  func tick(_ seconds: Double = 1) {
    clock.advance(by: seconds)
    traffic.update()
  }
}

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

/// Messages in memory, each with its source.
struct SourcedMessages: MessageBatch {
  private var data: [UInt8] = []
  private var ends: [Int] = []
  private var sources: [MessageSource] = []

  init(_ messages: [(text: String, source: MessageSource)] = []) {
    for message in messages { append(Array(message.text.utf8), from: message.source) }
  }

  mutating func append(_ message: [UInt8], from source: MessageSource) {
    data += message
    ends.append(data.count)
    sources.append(source)
  }

  var count: Int { ends.count }

  var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    get { data.span }
  }

  func range(of index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1])..<ends[index] }

  func partBytes(of index: Int) -> Int { max(1, range(of: index).count) }

  func source(of index: Int) -> MessageSource { sources[index] }

  func message(containing offset: Int) -> Int {
    ends.firstIndex { offset < $0 } ?? ends.count - 1
  }

  func answer(_ index: Int, with answer: Span<UInt8>) -> Bool { false }

  func replyAddress(of index: Int) -> SocketAddress? { nil }
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

  mutating func ingest(_ messages: SourcedMessages) { pipeline.ingest(messages) }

  /// Takes in lines as one message.
  mutating func ingest(_ text: String, from source: MessageSource = .named("memory")) {
    pipeline.ingest(SourcedMessages([(text, source)]))
  }

  /// Lets a second pass, and takes in what was sampled.
  func tick(_ seconds: Double = 1) {
    clock.advance(by: seconds)
    traffic.update()
  }
}

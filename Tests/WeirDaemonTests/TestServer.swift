import WeirAggregation
import WeirBytes
import WeirConfiguration
import WeirExposition
import WeirHTTP
import WeirMetrics
import WeirPush
import WeirSockets
import WeirWire

@testable import WeirDaemon

/// The parts of a server between the sockets: pipelines that take messages, and scrapes.
struct TestServer: Sendable {
  typealias Record = PushFrameWriter.Record
  typealias Series = PushFrameWriter.Series
  typealias Label = PushFrameWriter.Label
  typealias Bucket = PushFrameWriter.ExponentialBucket

  struct NoServer: Error {}

  let aggregator: Aggregator
  let refused = RefusedLines()
  private let options: Options
  let pushed: Pushed
  private let scraper: Scraper
  private let log = Log(level: .error, format: .logfmt)

  /// One as these flags make it.
  init(_ flags: [String]) throws {
    guard case .run(let options) = try Invocation.parse(flags, cores: 1) else { throw NoServer() }
    self.options = options
    aggregator = Aggregator(options)
    pushed = Pushed(aggregator: aggregator, limits: OwnerLimits())
    scraper = Scraper(
      status: StatusReader(aggregator: aggregator, pushed: pushed, refused: refused, log: log))
  }

  /// What the API asks of the series. Its clock stands still, so that no answer is cut on a slow machine.
  var questions: HeavyQuestions {
    let now = ContinuousClock.now
    return questions { now }
  }

  func questions(now: @escaping @Sendable () -> ContinuousClock.Instant) -> HeavyQuestions {
    HeavyQuestions(shown: ShownSeries(aggregator, pushed.owners), scraper: scraper, now: now)
  }

  /// The instances that push.
  var owners: Owners { pushed.owners }

  /// A pipeline for one writer.
  func pipeline() -> IngestPipeline {
    IngestPipeline(
      aggregator: aggregator, options: options.statsd.lines, admission: ListenerFilter(),
      pushed: pushed, meter: IngestMeter(), refused: refused, log: log,
      now: { PipelineHarness.time })
  }

  /// A scrape of the families with these names.
  func page(_ format: ExpositionFormat, _ names: [String]) async throws -> [UInt8] {
    let filter = NameFilter(query: names.map { "name[]=\($0)" }.joined(separator: "&"))
    let page = await scraper.begin(format, .underscores, filter, deadline: nil)
    var bytes: [UInt8] = []
    while true {
      let piece = try await page.next()
      bytes += piece.bytes
      if piece.isLast { return bytes }
    }
  }

  /// A frame of an instance that started just now.
  static func frame(
    _ instance: UInt64, _ sequence: UInt64, _ records: [Record], flags: PushFormat.Flags = []
  ) -> [UInt8] {
    var frame = ByteWriter()
    PushFrameHead(
      instance: instance, startMilliseconds: 1_767_323_000_000, sequence: sequence,
      ageMilliseconds: 0, flags: flags
    ).write(to: &frame)
    var writer = PushFrameWriter()
    writer.begin(room: 60_000)
    for record in records {
      let isWritten = writer.append(record)
      precondition(isWritten, "the frame is full")
    }
    writer.write(to: &frame)
    return frame.bytes
  }
}

/// Messages in memory, one after another, each with its source, which can't be answered.
struct Messages: MessageBatch {
  private var data: [UInt8] = []
  private var ends: [Int] = []
  private var sources: [MessageSource] = []

  init(_ messages: [(text: String, source: MessageSource)] = []) {
    for message in messages { append(Array(message.text.utf8), from: message.source) }
  }

  mutating func append(_ message: [UInt8], from source: MessageSource = .named("memory")) {
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

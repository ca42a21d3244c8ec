import TestSupport
import WeirAggregation
import WeirConfiguration
import WeirExposition
import WeirHTTP
import WeirMapping
import WeirMetrics
import WeirSockets
import WeirWire

@testable import WeirDaemon

/// The parts of a server with a mapping file between the sockets: lines go in, pages come out.
final class MappedServer {
  let folder: Folder
  let options: Options
  let aggregator: Aggregator
  let config: MappingConfig
  let meter = IngestMeter()
  private let scraper: Scraper
  private let log: Log
  private var pipeline: PipelineBox

  /// A noncopyable pipeline in a class.
  private final class PipelineBox {
    var pipeline: IngestPipeline

    init(_ pipeline: consuming IngestPipeline) { self.pipeline = pipeline }
  }

  static let file = "mapping.yml"

  init(_ mapping: String, _ flags: [String] = [], log descriptor: Int32? = nil) throws {
    let folder = try Folder()
    folder.write(Self.file, Array(mapping.utf8))
    let arguments = flags + ["--statsd.mapping-config=\(folder.path)/\(Self.file)"]
    guard case .run(let options) = try Invocation.parse(arguments, cores: 1) else {
      throw TestServer.NoServer()
    }
    let log =
      descriptor.map { Log(level: .info, format: .logfmt, descriptor: $0) }
      ?? Log(level: .error, format: .logfmt)
    let start = try MappingStart(options.statsd.mappingFile ?? "", options)
    let aggregator = Aggregator(options, identityRules: start.mapping.rules)
    let pushed = Pushed(aggregator: aggregator, limits: OwnerLimits())
    config = MappingConfig(start, aggregator: aggregator, log: log)
    var listener = Listener(
      name: .address(.loopback(port: 8_125)), transport: .udp, receiveBufferBytes: 4_096)
    listener.meters.append(meter)
    var status = StatusReader(
      aggregator: aggregator, listeners: [listener], pushed: pushed, log: log)
    status.mapping = config
    scraper = Scraper(status: status, style: ScrapeStyle(options.web))
    pipeline = PipelineBox(
      IngestPipeline(
        aggregator: aggregator, options: options.statsd.lines(at: ""),
        admission: ListenerFilter(), pushed: pushed, meter: meter, refused: RefusedLines(),
        log: log, now: { PipelineHarness.time }))
    self.folder = folder
    self.options = options
    self.aggregator = aggregator
    self.log = log
  }

  func write(_ mapping: String) { folder.write(Self.file, Array(mapping.utf8)) }

  /// Takes in each text as a datagram.
  func send(_ datagrams: String...) { send(datagrams) }

  func send(_ datagrams: [String]) {
    var messages = Messages()
    for datagram in datagrams { messages.append(Array(datagram.utf8)) }
    pipeline.pipeline.ingest(messages)
  }

  /// A whole page, or that of the families with these names.
  func page(_ format: ExpositionFormat = .text, _ names: [String] = []) async throws -> [UInt8] {
    let filter = NameFilter(query: names.map { "name[]=\($0)" }.joined(separator: "&"))
    let page = await scraper.begin(
      format, .underscores, names.isEmpty ? nil : filter, deadline: nil)
    var bytes: [UInt8] = []
    while true {
      let piece = try await page.next()
      bytes += piece.bytes
      if piece.isLast { return bytes }
    }
  }

  /// The lines of a text page that are not Weir's own, without help and type.
  func samples() async throws -> [String] {
    try await lines().filter { !$0.hasPrefix("#") }
  }

  /// The same with help and type.
  func lines(_ format: ExpositionFormat = .text) async throws -> [String] {
    String(decoding: try await page(format), as: UTF8.self).split(separator: "\n")
      .map(String.init).filter { line in
        let name =
          line.hasPrefix("# ") ? line.split(separator: " ").dropFirst(2).first ?? "" : line[...]
        return !name.hasPrefix("weir_") && !name.hasPrefix("process_") && line != "# EOF"
      }
  }

  /// How often lines were refused, by reason.
  func refused() -> [Refusal: Int] {
    let totals = meter.reading
    return Dictionary(
      uniqueKeysWithValues: Refusal.allCases.map { ($0, totals.refusals[Int($0.rawValue)]) }
        .filter { $0.1 > 0 })
  }

  /// One of Weir's own metrics.
  func own(_ name: String, _ labels: String = "") async throws -> Double? {
    let text = String(decoding: try await page(), as: UTF8.self)
    return text.split(separator: "\n").first { $0.hasPrefix("\(name)\(labels) ") }
      .flatMap { $0.split(separator: " ").last.flatMap { Double($0) } }
  }
}

import WeirAggregation
import WeirBytes
import WeirCloudWatch
import WeirConfiguration
import WeirExposition
import WeirMetrics

/// `weir explain --cloudwatch`: what would be pushed, and what it would cost, before anything is.
///
///     $ curl -s 127.0.0.1:9102/metrics | weir explain --cloudwatch --cloudwatch.include='llm_*' …
///     llm_requests_total{provider="openai"}: a counter in Count, of 6 series
///     1 metric of 6 series would be pushed every 60 s, in 1 request
///     CloudWatch charges about 0.30 dollars a month for metrics, and 0.44 for requests (list prices of us-east-1)
struct CloudWatchExplanation {
  /// Bytes of a page that is read.
  static let pageBytesMax = 64 << 20
  /// Names that are listed as left out.
  static let namesMax = 20

  /// A mistake in the lines or the page, or too many metrics: when everything is said already.
  struct Refused: Error, CustomStringConvertible {
    let description: String
  }

  private struct Metric {
    let kind: String
    let unit: CloudWatchUnit
    var series = 0
  }

  private let options: Options.CloudWatch
  private let labels: DimensionLabels
  private var metrics: [CloudWatchMetric: Metric] = [:]
  private var reader: CloudWatchReader
  private var seriesCount = 0
  private var namesLeftOut: [String] = []
  /// Series whose names CloudWatch can't take.
  private var unusable = 0

  init(_ options: Options.CloudWatch) {
    self.options = options
    labels = DimensionLabels(options.dimensions)
    reader = CloudWatchReader(labels: labels, metricsMax: .max)
  }

  /// - Parameter input: Lines, or a page of Prometheus' text format; lines that are arguments come first.
  /// - Throws: `FileMistake`, `Refused`, `CommandOutput.Closed`, `StartError`.
  static func run(
    _ options: Options, _ lines: [String], from input: LineInput = LineInput(),
    to output: CommandOutput = CommandOutput()
  ) throws {
    var input = input
    var text = lines.map { Array($0.utf8) }
    if text.isEmpty { text = try Self.lines(of: &input) }
    guard text.contains(where: { !$0.isEmpty }) else {
      throw Refused(description: "the input is empty; give it a page of weir, or lines")
    }
    let isPage = text.first?.starts(with: Array("# ".utf8)) ?? false
    let families = try isPage ? page(text, options) : received(text, options)
    var explanation = CloudWatchExplanation(options.cloudWatch)
    explanation.add(families.shown, in: families.aggregator)
    for sentence in explanation.sentences { try output.write(sentence + "\n") }
    if explanation.isOverLimit {
      throw Refused(
        description: "there are more metrics than --cloudwatch.max-metrics allows; name fewer with "
          + "--cloudwatch.include, give fewer --cloudwatch.dimensions, or allow more")
    }
  }

  private static func lines(of input: inout LineInput) throws -> [[UInt8]] {
    var lines: [[UInt8]] = []
    var bytes = 0
    while let line = try input.next() {
      bytes += line.count + 1
      guard bytes <= pageBytesMax else {
        throw Refused(description: "the input is longer than \(pageBytesMax >> 20) MiB")
      }
      lines.append(line)
    }
    return lines
  }

  /// The families of a page that a scrape has shown.
  private static func page(
    _ lines: [[UInt8]], _ options: Options
  ) throws -> (shown: ShownFamilies, aggregator: Aggregator) {
    var bytes: [UInt8] = []
    for line in lines { bytes += line + [0x0A] }
    var shown = ShownFamilies()
    do throws(PushedBodyMistake) {
      shown.pushed = try PushedBody.read(
        bytes, .text, labels: .none,
        limits: PushedBodyLimits(seriesMax: .max, series: options.limits))
    } catch {
      throw Refused(description: "the page can't be read: \(error.sentence)")
    }
    return (shown, Aggregator(shards: 1))
  }

  /// The families that come of lines.
  private static func received(
    _ lines: [[UInt8]], _ options: Options
  ) throws -> (shown: ShownFamilies, aggregator: Aggregator) {
    let mapping = try options.statsd.mappingFile.map { file throws(FileMistake) in
      try MappingFile.load(file)
    }
    let aggregator = Aggregator(
      options, identityRules: mapping?.rules ?? NoIdentityRules())
    let meter = IngestMeter()
    var pipeline = IngestPipeline(
      aggregator: aggregator,
      options: options.statsd.lines(at: options.statsd.listenUDP.first ?? ""),
      admission: ListenerFilter(),
      pushed: Pushed(aggregator: aggregator, limits: options.push.limits),
      meter: meter, refused: RefusedLines(), log: Log(level: .error, format: .logfmt),
      now: Log.wallClock)
    pipeline.report = LineReport()
    var body: [UInt8] = []
    for line in lines { body += line + [0x0A] }
    var posted = PostedLines(body, from: nil)
    while posted.next() { pipeline.ingest(posted) }
    if let report = pipeline.report, report.refused > 0, let mistake = report.mistake {
      guard lines.contains(where: { $0.contains(UInt8(ascii: "|")) }) else {
        throw Refused(
          description:
            "these are no StatsD lines; if they are from a page, give the page whole, with its "
            + "# TYPE lines")
      }
      throw Refused(description: mistake)
    }
    var catalog = Catalog()
    catalog.update(from: aggregator)
    var shown = ShownFamilies()
    shown.received = catalog.families
    return (shown, aggregator)
  }

  private mutating func add(_ families: ShownFamilies, in aggregator: Aggregator) {
    var families = families
    let names =
      families.received.map { SpelledName.raw($0.name) } + families.pushed.map(\.name)
    let leftOut = names.filter { !isIncluded($0) }.map { ShownText.of($0) }
    // Senders' names first.
    let own = { (name: String) in name.hasPrefix("weir_") || name.hasPrefix("process_") }
    namesLeftOut = leftOut.filter { !own($0) } + leftOut.filter(own)
    families.received.removeAll { !isIncluded(SpelledName.raw($0.name)) }
    families.pushed.removeAll { !isIncluded($0.name) }
    var read: [ReadSeries] = []
    families.forEachSeries(in: aggregator) { read.append($0) }
    for series in read { add(series) }
  }

  private func isIncluded(_ name: [UInt8]) -> Bool {
    options.include.contains { $0.matches(name) }
  }

  private mutating func add(_ series: ReadSeries) {
    reader.add(series)
    guard let metric = labels.metric(of: series.spelling) else {
      unusable += 1
      return
    }
    seriesCount += 1
    let kind = series.kind
    metrics[
      metric,
      default: Metric(
        kind: kind, unit: CloudWatchUnit(name: metric.name, counts: kind == "counter"))
    ].series += 1
  }

  private var isOverLimit: Bool { metrics.count > options.metricsMax }

  private var sentences: [String] {
    let shown = metrics.sorted { $0.key.description < $1.key.description }.map { metric, known in
      "\(ShownText.of(Array(metric.description.utf8))): a \(known.kind) in \(known.unit.rawValue), of "
        + CountText.counted(known.series, "series", "series")
    }
    // What is read is gained as a whole, because nothing was pushed before.
    let round = reader.finish()
    let put = PutMetricData(
      round.data, namespace: options.namespace ?? "", timestamp: "2026-01-01T00:00:00.000Z")
    let requests = put.requests.count
    let cost = MonthlyCost(
      metrics: metrics.count, requests: requests, intervalSeconds: options.intervalSeconds)
    var more = [
      "\(CountText.counted(metrics.count, "metric", "metrics")) of "
        + "\(CountText.counted(seriesCount, "series", "series")) would be pushed every "
        + "\(options.intervalSeconds) s, in \(CountText.counted(requests, "request", "requests"))",
      "CloudWatch charges about \(MonthlyCost.text(cost.metrics)) dollars a month for metrics, and "
        + "\(MonthlyCost.text(cost.requests)) for requests (list prices of us-east-1)",
    ]
    if isOverLimit {
      let limited = MonthlyCost(
        metrics: options.metricsMax, requests: 1, intervalSeconds: options.intervalSeconds)
      more.append(
        "Only \(options.metricsMax) of them would be pushed, for \(MonthlyCost.text(limited.metrics)) "
          + "dollars, because of --cloudwatch.max-metrics")
    }
    if unusable > 0 {
      more.append("\(unusable) series have names that CloudWatch can't take")
    }
    if !namesLeftOut.isEmpty {
      let first = namesLeftOut.prefix(Self.namesMax).joined(separator: " ")
      more.append(
        "\(CountText.counted(namesLeftOut.count, "name is", "names are")) not pushed: \(first)"
          + (namesLeftOut.count > Self.namesMax ? " …" : ""))
    }
    return shown + more
  }
}

extension ReadSeries {
  /// What it is, in a word.
  fileprivate var kind: String {
    switch value {
    case .gauge: "gauge"
    case .counter: "counter"
    case .histogram(let bounds, _, _): bounds == .none ? "summary" : "histogram"
    }
  }
}

import WeirAggregation
import WeirBytes
import WeirForwarding
import WeirMetrics
import WeirPush
import WeirWire

/// An aggregator with a receiver of text.
struct Counted: ~Copyable {
  let aggregator: Aggregator
  private let decoder = StatsDDecoder()
  private var router: SampleRouter
  private var batch = SampleBatch()

  init(
    rules: SeriesRules = SeriesRules(), limits: SeriesLimits = SeriesLimits(),
    names: NameStyle = .classic, shards: Int = 2
  ) {
    aggregator = Aggregator(
      rules: rules, limits: limits, names: names, countsGaugeSettings: true,
      shards: shards,
      unixSeconds: { Counted.bornSeconds })
    router = SampleRouter(aggregator: aggregator, reader: StatsDIdentityReader())
  }

  /// When all series are made.
  static let bornSeconds: UInt32 = 1_700_000_010

  mutating func text(_ lines: String) {
    let bytes = Array(lines.utf8)
    decoder.decode(bytes.span, from: 0, to: bytes.count, into: &batch)
    router.apply(&batch, bytes: bytes.span)
    batch.removeAll()
  }
}

/// A Weir that receives frames.
struct Receiving: ~Copyable {
  let aggregator: Aggregator
  let owners: Owners
  private var router: PushRouter
  private var decoder: PushDecoder
  private var frame = PushFrame()
  private(set) var refused: [RecordRefusal: Int] = [:]

  init(
    rules: SeriesRules = SeriesRules(), limits seriesLimits: SeriesLimits = SeriesLimits()
  ) {
    aggregator = Aggregator(rules: rules, limits: seriesLimits)
    // The frames of the tests are older than this receiver.
    var limits = OwnerLimits()
    limits.olderInstances = .count
    owners = Owners(aggregator: aggregator, limits: limits)
    router = PushRouter(owners: owners)
    decoder = PushDecoder(owners.keySeed)
  }

  mutating func take(_ bytes: [UInt8]) throws -> PushHeader {
    try decoder.readHeader(bytes.span, from: 0, to: bytes.count, into: &frame)
    try decoder.readBody(bytes.span, into: &frame)
    for reason in RecordRefusal.allCases where frame.refusals[Int(reason.rawValue)] > 0 {
      refused[reason, default: 0] += frame.refusals[Int(reason.rawValue)]
    }
    let header = frame.header
    _ = try router.apply(&frame, bytes: bytes.span, nowMilliseconds: 1_700_000_020_000)
    return header
  }
}

/// What a scrape would show, as plain text, sorted.
func shown(_ aggregator: Aggregator) -> [String] {
  var catalog = Catalog()
  catalog.update(from: aggregator)
  var lines: [String] = []
  for family in catalog.families {
    aggregator.forEachSeries(of: family) { piece, index in
      let spelling = piece.spelling(index)
      let series = String(decoding: spelling.indices.map { spelling[$0] }, as: UTF8.self)
      var line = "\(family.kind.label) \(series) \(piece.value(index, kind: family.kind))"
      if family.kind == .histogram {
        line += " \(Array(piece.buckets(index)))"
        if let native = piece.native(index) {
          line += " \(native.schema.number) \(native.positive) \(native.zeroCount)"
        }
      }
      lines.append(line)
    }
  }
  return lines.sorted()
}

extension FrameBatch {
  var frames: [[UInt8]] { (0..<count).map { Array(bytes[range(of: $0)]) } }
}

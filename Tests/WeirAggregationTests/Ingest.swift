import TestSupport
import WeirBytes
import WeirMetrics
import WeirWire

@testable import WeirAggregation

/// One receiver: lines are ingested as they would be from a socket.
struct Ingest: ~Copyable {
  /// What happened to the lines so far.
  struct Totals: Equatable {
    var refused: [Refusal: Int] = [:]
    var tagsDropped = 0
    var applied = [Int](repeating: 0, count: 4)
    /// Samples for which a rule gave the name, those of them that were refused, and those that one dropped.
    var mapped = 0
    var mappedRefused = 0
    var dropped = 0
  }

  private(set) var totals = Totals()
  private let decoder: StatsDDecoder
  private var router: SampleRouter
  private var batch = SampleBatch()

  init(_ aggregator: Aggregator, options: StatsDOptions = StatsDOptions()) {
    decoder = StatsDDecoder(options: options)
    router = SampleRouter(
      aggregator: aggregator, reader: StatsDIdentityReader(options: options))
  }

  /// With a memo that forgets early.
  init(_ aggregator: Aggregator, memoEntries: Int) {
    decoder = StatsDDecoder()
    router = SampleRouter(
      aggregator: aggregator, reader: StatsDIdentityReader(),
      memo: IdentityMemo(entriesMax: memoEntries))
  }

  /// Decodes and applies lines as one batch of a datagram.
  mutating func apply(_ lines: String...) { apply(lines) }

  mutating func apply(_ lines: [String]) {
    apply(bytes: Array(lines.joined(separator: "\n").utf8))
  }

  mutating func apply(bytes: [UInt8]) {
    decoder.decode(bytes.span, from: 0, to: bytes.count, into: &batch)
    router.apply(&batch, bytes: bytes.span)
    for reason in Refusal.allCases where batch.refusals.count(of: reason) > 0 {
      totals.refused[reason, default: 0] += batch.refusals.count(of: reason)
    }
    for reason in Refusal.allCases {
      totals.mappedRefused += batch.refusals.mappedCount(of: reason)
    }
    totals.tagsDropped += batch.tagsDropped
    for kind in totals.applied.indices { totals.applied[kind] += batch.samplesApplied[kind] }
    totals.mapped += batch.samplesMapped
    totals.dropped += batch.samplesDropped
    batch.removeAll()
  }
}

/// Everything in an aggregator, by the text of each series.
struct Contents: Equatable {
  struct Histogram: Equatable {
    var sum = 0.0
    var buckets: [Double]
  }

  var values: [MetricKind: [String: Double]] = [:]
  var histograms: [String: Histogram] = [:]

  init() {}

  init(_ aggregator: Aggregator) {
    var catalog = Catalog()
    catalog.update(from: aggregator)
    self.init(aggregator, catalog)
  }

  /// The current values of the series of a catalog, without those that have expired since.
  init(_ aggregator: Aggregator, _ catalog: Catalog) {
    for family in catalog.families {
      aggregator.forEachSeries(of: family) { piece, index in
        let series = piece.text(index)
        if family.kind == .histogram {
          histograms[series] = Histogram(
            sum: piece.sum(index), buckets: Array(piece.buckets(index)))
        } else {
          values[family.kind, default: [:]][series] = piece.value(index, kind: family.kind)
        }
      }
    }
  }
}

extension Aggregator {
  /// The spellings of a family's series, in order.
  func spellings(of family: SeriesFamily) -> [String] {
    var spellings: [String] = []
    forEachSeries(of: family) { piece, index in spellings.append(piece.text(index)) }
    return spellings
  }
}

extension SeriesPiece {
  func text(_ index: Int) -> String {
    let bytes = spelling(index)
    return String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
  }
}

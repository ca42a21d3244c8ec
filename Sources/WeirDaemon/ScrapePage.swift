// Safety: the actor holds the executor that it names, so that the unowned reference never dangles.

import WeirAggregation
import WeirExposition
import WeirHTTP
import WeirMetrics
import WeirSockets

/// One scrape in progress. Each time its reader asks for more, it copies some series under their shards'
/// locks, renders them outside, and returns the bytes.
actor ScrapePage: HTTPBodyStream {
  private let aggregator: Aggregator
  private let catalog: Catalog
  private let names: PageNames
  private let filter: NameFilter?
  private var encoder: ExpositionEncoder
  /// By class of histograms, rendered once for the page.
  private var bucketLabels: [ClassID: BucketLabels] = [:]
  private let ownBucketLabels = BucketLabels(ScrapeMeter.bounds)
  private let deadline: ContinuousClock.Instant?
  /// Its commit is waited for before the end of the page is sent; nil if there is none.
  private let keeper: StateKeeper?
  nonisolated let mustBeWhole: Bool
  private let scraper: Scraper
  private let executor: DispatchQueueExecutor
  private let clock = ContinuousClock()

  /// Weir's own families that are not written yet.
  private var ownFamilies: ArraySlice<OwnFamily>
  /// The position in the catalogue: the family, and the first of its series that `piece` does not hold.
  private var family = 0
  private var nextSeries = 0
  private var piece = SeriesPiece()
  /// The first series of the piece that is not written yet.
  private var nextInPiece = 0
  private var isFamilyBegun = false
  private var outcome = ScrapeMeter.Outcome()

  /// Every piece of the body but the last has at least this many bytes.
  private static let pieceBytesMin = 64 << 10

  private static let receivedHelp = "Received by Weir."

  /// The help text of a family for which no sender has sent one.
  private func defaultHelp(_ kind: MetricKind) -> String {
    guard kind == .set else { return ScrapePage.receivedHelp }
    let window = aggregator.sets.windowSeconds
    return window == 0
      ? "Distinct members since the start. Received by Weir."
      : "Distinct members in the last \(window) seconds. Received by Weir."
  }

  /// - Parameters:
  ///   - names: The names of all families, also of those that were not requested.
  ///   - ownFamilies: Weir's own families that are shown.
  ///   - keeper: Commits what the page shows; nil without a state, and for a page that is not shown.
  ///   - begun: Time already spent on the scrape.
  init(
    aggregator: Aggregator, catalog: Catalog, names: PageNames, ownFamilies: [OwnFamily],
    filter: NameFilter?,
    encoder: ExpositionEncoder, deadline: ContinuousClock.Instant?, keeper: StateKeeper?,
    begun: Duration, scraper: Scraper
  ) {
    self.aggregator = aggregator
    self.catalog = catalog
    self.names = names
    self.filter = filter
    self.encoder = encoder
    self.deadline = deadline
    self.keeper = keeper
    mustBeWhole = keeper != nil
    self.scraper = scraper
    executor = scraper.executor
    self.ownFamilies = ownFamilies[...]
    outcome.duration = begun
  }

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  func next() async throws(HTTPBodyFailure) -> HTTPBodyPiece {
    let start = clock.now
    if let deadline, start >= deadline {
      outcome.isTimedOut = true
      await scraper.ended(outcome)
      throw HTTPBodyFailure(
        503, "the scrape took longer than X-Prometheus-Scrape-Timeout-Seconds grants it")
    }
    var isLast = false
    while !isLast && encoder.byteCount < ScrapePage.pieceBytesMin { isLast = !writeNextPart() }
    let bytes = encoder.take()
    outcome.duration += clock.now - start
    if isLast {
      outcome.lockedLongest = piece.lockedLongest
      outcome.hiddenSeries = encoder.hiddenSeries
      await scraper.ended(outcome)
      // No scrape shows what a restart would not restore. What the page shows was read before this.
      if case .refused(let sentence)? = await keeper?.commit(until: deadline) {
        throw HTTPBodyFailure(503, sentence)
      }
    }
    return HTTPBodyPiece(bytes, isLast: isLast)
  }

  /// Writes the next part of the page; false when nothing is left.
  private func writeNextPart() -> Bool {
    if nextInPiece < piece.count {
      writePiece()
    } else if family == catalog.families.count {
      for own in ownFamilies { writeWhole(own) }
      ownFamilies = []
      encoder.finish()
      return false
    } else if nextSeries < catalog.families[family].series.count, isSelected() {
      readPiece()
    } else {
      if isFamilyBegun { encoder.endFamily() }
      family += 1
      nextSeries = 0
      isFamilyBegun = false
    }
    return true
  }

  private func isSelected() -> Bool {
    guard let filter else { return true }
    let family = catalog.families[family]
    return filter.selects(family.name, type: family.seriesClass.exposedType)
  }

  private func readPiece() {
    let series = catalog.families[family].series
    let end = min(nextSeries + SeriesPiece.seriesMax, series.count)
    aggregator.read(
      series[nextSeries..<end], of: catalog.families[family].seriesClass, into: &piece)
    nextSeries = end
    nextInPiece = 0
  }

  /// Writes series of the piece until there are bytes enough.
  private func writePiece() {
    let kind = catalog.families[family].kind
    let nameLength = catalog.families[family].name.count
    while nextInPiece < piece.count, encoder.byteCount < ScrapePage.pieceBytesMin {
      let index = nextInPiece
      nextInPiece += 1
      guard piece.isAlive(index) else { continue }
      if kind == .histogram {
        beginFamily()
        writeObservations(index, nameLength)
      } else {
        let value = piece.value(index, kind: kind)
        if value.isNaN { continue }
        beginFamily()
        encoder.sample(
          piece.spelling(index), nameLength: nameLength, value,
          startUnixSeconds: piece.startUnixSeconds(index), exemplar: piece.exemplars(index)[0])
      }
    }
  }

  private func writeObservations(_ index: Int, _ nameLength: Int) {
    let (classID, seriesClass) = (
      catalog.families[family].classID, catalog.families[family].seriesClass
    )
    guard let summary = seriesClass.observer.summary else {
      return encoder.histogram(
        piece.spelling(index), nameLength: nameLength,
        HistogramReading(
          buckets: piece.buckets(index), sum: piece.sum(index), native: piece.native(index),
          startUnixSeconds: piece.startUnixSeconds(index), exemplars: piece.exemplars(index),
          tookNegative: piece.tookNegative(index)),
        labels: labels(of: classID, seriesClass))
    }
    let lately = piece.window(index)?.observations
    encoder.summary(
      piece.spelling(index), nameLength: nameLength,
      SummaryReading(
        quantiles: summary.quantiles.map { ($0, lately?.quantile($0) ?? .nan) },
        sum: piece.sum(index), count: piece.buckets(index).reduce(0, +),
        startUnixSeconds: piece.startUnixSeconds(index),
        tookNegative: piece.tookNegative(index)))
  }

  /// The labels of a class's buckets, which are rendered once for the page.
  private func labels(of classID: ClassID, _ seriesClass: SeriesClass) -> BucketLabels {
    if let known = bucketLabels[classID] { return known }
    let labels = BucketLabels(seriesClass.layout)
    bucketLabels[classID] = labels
    return labels
  }

  /// Writes the lines above a family's first sample. Weir's own families whose names sort before it are
  /// written first. A name that is in both lists is one family: Weir's own series, without labels, comes
  /// before the senders' series, which have labels.
  private func beginFamily() {
    if isFamilyBegun { return }
    isFamilyBegun = true
    let name = catalog.families[family].name
    while let own = ownFamilies.first, Array(own.name.utf8).lexicographicallyPrecedes(name) {
      writeWhole(own)
      ownFamilies.removeFirst()
    }
    if let own = ownFamilies.first, own.name.utf8.elementsEqual(name) {
      write(own)
      ownFamilies.removeFirst()
    } else {
      let meta = aggregator.meta(of: name)
      encoder.beginFamily(
        FamilyHead(
          name, help: meta?.help ?? defaultHelp(catalog.families[family].kind), unit: meta?.unit,
          type: catalog.families[family].seriesClass.exposedType,
          hasStem: hasStem(name)))
    }
  }

  private func writeWhole(_ family: OwnFamily) {
    write(family)
    encoder.endFamily()
  }

  private func write(_ family: OwnFamily) {
    let name = Array(family.name.utf8)
    encoder.beginFamily(
      FamilyHead(name, help: family.help, type: family.type, hasStem: hasStem(name)))
    family.encode(into: &encoder, bounds: ownBucketLabels)
  }

  private func hasStem(_ name: [UInt8]) -> Bool { encoder.usesStems && names.hasStem(name) }
}

extension SeriesClass {
  /// What its series are to Prometheus.
  fileprivate var exposedType: ExposedType {
    switch kind {
    case .counter: .counter
    case .gauge, .set: .gauge
    case .histogram: observer.summary == nil ? .histogram : .summary
    }
  }
}
